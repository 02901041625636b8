"""Student models from where they are published into the models folder, checked and whole or not at all."""
