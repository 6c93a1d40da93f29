"""The contract (docs/api.md) names no call on accounts: tokens are made on the command line or in the browser."""

from fastapi import APIRouter

router = APIRouter()
