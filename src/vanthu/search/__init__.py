"""Search: reading across documents. Finds only what the access rule lets the person see; changes nothing."""
