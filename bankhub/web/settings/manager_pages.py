"""The pages of whoever runs or reads a bank: manager, auditor, system analyst, executive. One file
for each part of the work; here they are listed."""

from flask import Blueprint

from bankhub.web.agreements import (
    agreement_draft_pages,
    agreement_end_pages,
    agreement_pages,
    agreement_step_pages,
    system_pages,
)
from bankhub.web.figures import figures_pages
from bankhub.web.governance import information_pages, subject_pages
from bankhub.web.settings import policy_pages, setting_pages, shift_code_pages

PAGES: tuple[Blueprint, ...] = (
    figures_pages.pages,
    system_pages.pages,
    agreement_pages.pages,
    agreement_draft_pages.pages,
    agreement_step_pages.pages,
    agreement_end_pages.pages,
    policy_pages.pages,
    setting_pages.pages,
    shift_code_pages.pages,
    information_pages.pages,
    subject_pages.pages,
)
