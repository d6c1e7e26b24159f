-- An uncaught error object without __tostring.
print("before") error({code = 1})
