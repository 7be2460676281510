"""What the figures of a report say, in plain words."""

from collections.abc import Iterable, Mapping

from informal_ict.appraisal import in_words
from informal_ict.compare.summarise import OptionSummary, Place, QuestionSummary, Share, Summary
from informal_ict.published import Country, PublishedNumber

BASES = {
    "everyone": "everyone who answered",
    "users": "only people who use ICT informally",
    "searchers": "only people who have looked for a client online",
}


def whole(percent: float) -> str:
    """A group's percentage; with so few people a decimal would pretend to know more."""
    return f"{percent:.0f}%"


def interval(share: Share) -> str:
    """The interval in whole percent."""
    return f"{share.low:.0f}% to {share.high:.0f}%"


def option_reading(option: OptionSummary, question: QuestionSummary, smallest: int) -> str:
    """One compared answer beside both published figures."""
    line = option.option.line
    name = f"{line[0].upper()}{line[1:]}"
    if option.share is None:
        return f"{name}: {not_shown(option, question, smallest)} {_printed(option.published)}"
    share = option.share
    counted = f"{share.count} of {share.people} of you, or {whole(share.percent)}"
    places = {c: share.place_of(number.number) for c, number in option.published.items()}
    judgement = _judgement(places)
    beside = _printed(option.published)
    return f"{name}: {counted}, with an interval from {interval(share)}. {beside} {judgement}"


def not_shown(option: OptionSummary, question: QuestionSummary, smallest: int) -> str:
    """Why a count is hidden, and what may be said in its place."""
    if question.why_hidden == "base hidden":
        return (
            "not shown. How many of you this question was for is itself too small a number, or leaves too "
            "few over, and the answers would give it away."
        )
    if question.why_hidden == "too few":
        return f"not shown, because fewer than {in_words(2 * smallest)} people answered."
    if option.side and question.people is not None:
        return f"{bound(option, question, smallest)}; the number itself is not shown."
    return "not shown, because the number, or one that could be worked out from it, is too small."


def bound(option: OptionSummary, question: QuestionSummary, smallest: int) -> str:
    """A hidden count as far as it may be told, in a few words."""
    if not option.side:
        return "not shown"
    few = in_words(smallest)
    which = f"fewer than {few}" if option.side == "few" else f"all but fewer than {few}"
    return f"{which} of {question.people}"


def paragraph(summary: Summary) -> list[str]:
    """The whole comparison in a few sentences, to be read aloud."""
    shown = [(question, option) for question, option in summary.compared if option.share]
    hidden = [option.option.line for _, option in summary.compared if option.share is None]
    said = [
        "You are a group of people who were there and not a sample of anyone, so these figures describe you "
        "alone."
    ]
    if not shown:
        return [*said, "Every number is too small to be shown, so talk about the questions instead."]
    within = [option.option.line for _, option in shown if _all_within(option)]
    outside = [option for _, option in shown if not _all_within(option)]
    if within:
        said.append(
            f"On {_count(len(within), len(shown))} that can be shown, both published figures lie within your "
            f"interval: {_listed(within)}."
        )
    for option in outside:
        said.append(_outside(option))
    if hidden:
        said.append(f"Not shown, to protect small groups: {_listed(hidden)}.")
    said.append(
        f"There are {2 * len(shown)} comparisons here, and chance alone puts about one in twenty outside an "
        "interval."
    )
    said.append(
        "A difference may come from who answered, from our wording, from the years since 2017, or from "
        "practice, and these figures cannot say from which."
    )
    return said


def base_phrase(base: str) -> str:
    """Who is counted, as a reader understands it."""
    return BASES.get(base, base)


def _judgement(places: Mapping[Country, Place]) -> str:
    if set(places.values()) == {"within"}:
        return "Both published figures lie within your interval: chance alone could make such a difference."
    if len(set(places.values())) == 1:
        return f"Both published figures lie {next(iter(places.values()))} your interval."
    said = [f"the figure for {_the(country)} lies {place} your interval" for country, place in places.items()]
    return f"{said[0][0].upper()}{said[0][1:]}, and {said[1]}."


def _outside(option: OptionSummary) -> str:
    assert option.share is not None
    share = option.share
    line = option.option.line
    yours = f"{line[0].upper()}{line[1:]}: your interval is {interval(share)}"
    places = {country: share.place_of(number.number) for country, number in option.published.items()}
    figures = {
        country: f"{number.display} in {_the(country)}" for country, number in option.published.items()
    }
    if len(set(places.values())) == 1:
        return f"{yours}; {' and '.join(figures.values())} both lie {next(iter(places.values()))} it."
    return f"{yours}; {' and '.join(f'{figures[c]} lies {place} it' for c, place in places.items())}."


def _all_within(option: OptionSummary) -> bool:
    share = option.share
    return share is not None and all(
        share.place_of(number.number) == "within" for number in option.published.values()
    )


def _count(some: int, of: int) -> str:
    if some == of:
        return "every line" if of > 1 else "the one line"
    return f"{in_words(some)} of the {in_words(of)} lines"


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    return "; ".join(names)


def _printed(published: Mapping[Country, PublishedNumber]) -> str:
    figures = [f"{number.display} in {_the(country)}" for country, number in published.items()]
    return f"Published: {' and '.join(figures)}."


def _the(country: str) -> str:
    return f"the {country}" if country.startswith("United") else country
