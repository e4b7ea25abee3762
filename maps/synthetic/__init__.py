"""Made-up networks: small ones with known answers, and the bundled town."""
