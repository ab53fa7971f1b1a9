"""The drawings and voices that the sample datasets are made of."""
