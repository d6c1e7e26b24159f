-- A syntax error in the script itself.
print("never"
x = = 1
