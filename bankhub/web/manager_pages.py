"""The pages of whoever runs or reads a bank: manager, auditor, system analyst, executive. One file
for each part of the work; here they are listed."""

from flask import Blueprint

from bankhub.web import (
    agreement_draft_pages,
    agreement_end_pages,
    agreement_pages,
    agreement_step_pages,
    figures_pages,
    information_pages,
    policy_pages,
    setting_pages,
    subject_pages,
    system_pages,
)

PAGES: tuple[Blueprint, ...] = (
    figures_pages.pages,
    system_pages.pages,
    agreement_pages.pages,
    agreement_draft_pages.pages,
    agreement_step_pages.pages,
    agreement_end_pages.pages,
    policy_pages.pages,
    setting_pages.pages,
    information_pages.pages,
    subject_pages.pages,
)
