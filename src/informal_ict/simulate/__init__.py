"""How data/survey.csv is simulated so that it reproduces every published figure."""
