"""A whole driver as small as one can be: values from the last line of a CSV file that grows."""
