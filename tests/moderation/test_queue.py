def test_x(world):
    assert world.client.get("/api/v1/moderation/queue").status_code == 401
