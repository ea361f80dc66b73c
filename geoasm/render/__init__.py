"""Pages and styles: what people look at. Nothing here reads a data file."""
