"""How near a conversion comes to its speaker, how well it is understood, and how long it takes."""
