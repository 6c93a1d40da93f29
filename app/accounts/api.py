"""The contract (docs/api.md) names no call on accounts: tokens come from the command line or the browser."""

from fastapi import APIRouter

router = APIRouter()
