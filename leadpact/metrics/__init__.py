"""What the numbers mean: table in, table out, as Ibis expressions; no clock inside."""
