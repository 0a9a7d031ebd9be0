"""系统 › 接口密钥: keys of the API, their webhooks, and what the API says."""
