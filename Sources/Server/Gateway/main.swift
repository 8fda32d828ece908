print("pgml-gateway")
