"""A deed's "no" on the form it was sent from: nothing typed is lost."""

from flask import render_template, request

from passport.actions.access.throttles import TOO_MANY
from passport.errors import Invalid, Problem, Refused
from passport.web.forms import FormState

Answer = tuple[str, int, dict[str, str]]


def form_again(template: str, problem: Invalid | Refused, **context: object) -> Answer:
    """The page again, with what was typed and what is wrong with it."""
    form = FormState.kept(request.form, as_invalid(problem))
    return render_template(template, form=form, **context), status_of(problem), _headers(problem)


def as_invalid(problem: Invalid | Refused) -> Invalid:
    """A refusal as words above the form."""
    if isinstance(problem, Invalid):
        return problem
    said = " ".join(reason.text or reason.code for reason in problem.reasons)
    return Invalid(problem.code, said)


def status_of(problem: Problem) -> int:
    """The status of the answer; guesses beyond the limit are 429."""
    return 429 if problem.code == TOO_MANY else problem.status


def _headers(problem: Problem) -> dict[str, str]:
    if isinstance(problem, Refused) and problem.code == TOO_MANY:
        return {"Retry-After": str(problem.reasons[0].evidence["retry_after_seconds"])}
    return {}
