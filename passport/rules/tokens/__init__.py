"""The signed and packed forms: CBOR, JWS, SD-JWT, gate token, status list, trust list."""
