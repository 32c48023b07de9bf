"""What every Django room stands on: clock, keys, actors, announcements. Knows no domain."""
