-- error(nil) reaches the top.
error()
