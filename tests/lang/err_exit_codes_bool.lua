-- os.exit(false) is a failure.
print("leaving") os.exit(false)
