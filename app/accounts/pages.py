"""The team's pages."""

from fastapi import APIRouter

router = APIRouter()
