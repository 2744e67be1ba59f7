"""`radcite train pairs`: the cross-encoder that orders hits and judges wording."""
