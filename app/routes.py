"""Every route of the service, by the file it stands in. Starlette tries them in turn: the order counts."""

from fastapi import FastAPI

from app.accounts import account_pages, people_pages
from app.accounts import pages as accounts_pages
from app.assises import changes_pages as assises_changes_pages
from app.assises import edit_session_pages as assises_edit_session_pages
from app.assises import edit_settings_pages as assises_edit_settings_pages
from app.assises import edit_speakers_pages as assises_edit_speakers_pages
from app.assises import edit_stop_pages as assises_edit_stop_pages
from app.assises import edit_walk_pages as assises_edit_walk_pages
from app.assises import export_pages as assises_export_pages
from app.assises import grid_pages as assises_grid_pages
from app.assises import mine_pages as assises_mine_pages
from app.assises import now_pages as assises_now_pages
from app.assises import offline_pages as assises_offline_pages
from app.assises import programme_pages as assises_programme_pages
from app.assises import public_api as assises_public_api
from app.assises import release_pages as assises_release_pages
from app.assises import session_pages as assises_session_pages
from app.assises import sheet_pages as assises_sheet_pages
from app.assises import sign_pages as assises_sign_pages
from app.assises import urgent_pages as assises_urgent_pages
from app.assises import walk_pages as assises_walk_pages
from app.assistance import pages as assistance_pages
from app.consultation import api as consultation_api
from app.consultation import pages as consultation_pages
from app.contributions import api as contributions_api
from app.contributions import (
    appeal_pages,
    draft_pages,
    follow_pages,
    form_pages,
    list_pages,
    notice_api,
    notice_pages,
    paper_pages,
)
from app.contributions import feed as contributions_feed
from app.contributions import public_api as contributions_public_api
from app.events import api as events_api
from app.events import desk_pages, desk_write_pages, door_api, door_pages, edit_pages, edit_state_pages
from app.events import feed as events_feed
from app.events import list_pages as events_list_pages
from app.events import own_pages as events_own_pages
from app.events import public_api as events_public_api
from app.events import report_pages as events_report_pages
from app.events import show_pages as events_show_pages
from app.events import sign_up_pages as events_sign_up_pages
from app.events import voices_pages as events_voices_pages
from app.media import caption_pages, tus_api
from app.media import pages as media_pages
from app.moderation import alert_pages as moderation_alert_pages
from app.moderation import api as moderation_api
from app.moderation import appeal_api as moderation_appeal_api
from app.moderation import appeal_pages as moderation_appeal_pages
from app.moderation import bulk_api as moderation_bulk_api
from app.moderation import bulk_pages as moderation_bulk_pages
from app.moderation import claim_pages as moderation_claim_pages
from app.moderation import notice_pages as moderation_notice_pages
from app.moderation import original_pages as moderation_original_pages
from app.moderation import pages as moderation_pages
from app.moderation import queue_pages as moderation_queue_pages
from app.moderation import switch_pages as moderation_switch_pages
from app.notify import pages as notify_pages
from app.ops import router as ops_router
from app.outreach import collect_api, device_api
from app.outreach import collect_pages as outreach_collect_pages
from app.outreach import device_pages as outreach_device_pages
from app.outreach import kiosk_pages as outreach_kiosk_pages
from app.outreach import offline_pages as outreach_offline_pages
from app.outreach import outing_pages as outreach_outing_pages
from app.outreach import outing_state_pages as outreach_outing_state_pages
from app.outreach import poster_pages as outreach_poster_pages
from app.outreach import street_pages as outreach_street_pages
from app.outreach import telling_pages as outreach_telling_pages
from app.outreach import ticket_pages as outreach_ticket_pages
from app.transparency import journal_pages, own_pages
from app.transparency import pages as transparency_pages

ASKED_MOST = (*contributions_api.sending.routes, *events_api.sending.routes)
# In the order they are asked most.
INTERFACE = (
    contributions_public_api.router,
    contributions_api.router,
    events_api.router,
    consultation_api.router,
    events_public_api.router,
    assises_public_api.router,
    tus_api.router,
    moderation_api.router,
    moderation_bulk_api.router,
    moderation_appeal_api.router,
    notice_api.router,
    device_api.router,  # before one record: its id may be any
    collect_api.router,
)
PAGES = (
    list_pages.router,
    media_pages.router,
    consultation_pages.router,
    form_pages.router,
    draft_pages.router,
    paper_pages.router,
    follow_pages.router,
    appeal_pages.router,
    notice_pages.router,
    events_sign_up_pages.router,
    events_own_pages.router,
    contributions_feed.router,
    events_list_pages.router,
    events_feed.router,  # before one meeting: its name may be any
    events_show_pages.router,
    events_voices_pages.router,
    events_report_pages.router,
    assises_programme_pages.router,
    assises_now_pages.router,
    assises_changes_pages.router,
    assises_export_pages.router,  # before one session: its name may be any
    assises_session_pages.router,
    assises_sheet_pages.router,
    assises_mine_pages.router,
    assises_offline_pages.router,
    assises_walk_pages.router,
    outreach_street_pages.router,
    outreach_poster_pages.router,
    transparency_pages.router,
    ops_router,
    moderation_queue_pages.router,
    moderation_claim_pages.router,
    moderation_bulk_pages.router,
    moderation_pages.router,
    assistance_pages.router,
    moderation_original_pages.router,
    caption_pages.router,
    moderation_alert_pages.router,
    moderation_switch_pages.router,
    moderation_appeal_pages.router,
    moderation_notice_pages.router,
    notify_pages.router,
    door_api.router,
    door_pages.router,
    desk_pages.router,
    desk_write_pages.router,
    edit_pages.router,
    edit_state_pages.router,
    assises_edit_speakers_pages.router,
    assises_edit_settings_pages.router,
    assises_edit_session_pages.router,
    assises_grid_pages.router,
    assises_sign_pages.router,
    assises_urgent_pages.router,
    assises_release_pages.router,
    assises_edit_walk_pages.router,
    assises_edit_stop_pages.router,
    outreach_collect_pages.router,
    outreach_kiosk_pages.router,
    outreach_offline_pages.router,
    outreach_outing_pages.router,
    outreach_outing_state_pages.router,
    outreach_ticket_pages.router,
    outreach_telling_pages.router,
    accounts_pages.router,
    account_pages.router,
    people_pages.router,
    outreach_device_pages.router,
    journal_pages.router,
    own_pages.router,
)


def add_routes(app: FastAPI) -> None:
    """All in one list: an included router is searched at each request, three times as slowly, and built twice."""
    app.router.routes[:0] = ASKED_MOST
    for router in (*INTERFACE, *PAGES):
        app.router.routes.extend(router.routes)
