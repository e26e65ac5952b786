"""The second offline check, written apart from verify.py: one static page whose script reads workbooks and packages in the browser."""
