"""Web: layout, components, sign-in, the document page and "Việc của tôi". Changes no state."""
