"""Web: layout, components, sign-in, the document page and "Việc của tôi". Reads across rooms, changes no state."""
