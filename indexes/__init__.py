"""Where do the fifteen languages live? Index documents, analysis, backends, builds."""
