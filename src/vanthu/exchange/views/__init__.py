"""Doors of the exchange room by subject: what is on its way (``deliveries``), by which way it goes (``channels``)."""
