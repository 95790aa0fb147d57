"""The pages of a bank office: rota coordinator, ward requester, practice manager, budget holder,
executive. One file for each part of the work; here they are listed."""

from flask import Blueprint

from bankhub.web.shifts import (
    agency_pages,
    amend_pages,
    authorise_pages,
    fill_pages,
    post_pages,
    repeat_pages,
    roster_pages,
    shift_pages,
    today_pages,
    week_pages,
)

PAGES: tuple[Blueprint, ...] = (
    today_pages.pages,
    week_pages.pages,
    post_pages.pages,
    repeat_pages.pages,
    roster_pages.pages,
    shift_pages.pages,
    amend_pages.pages,
    fill_pages.pages,
    authorise_pages.pages,
    agency_pages.pages,
)
