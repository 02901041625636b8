"""How do people and programs reach it? Settings, command line, HTTP."""
