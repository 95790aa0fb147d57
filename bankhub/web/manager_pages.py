"""The pages of whoever runs or reads a bank: manager, auditor, system analyst, executive. One file
for each part of the work; here they are listed."""

from flask import Blueprint

from bankhub.web import figures_pages, policy_pages, setting_pages, system_pages

PAGES: tuple[Blueprint, ...] = (
    figures_pages.pages,
    system_pages.pages,
    policy_pages.pages,
    setting_pages.pages,
)
