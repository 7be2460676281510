"""What an instructor reads about a question: plain sentences, and what to do before the next class."""

from informal_ict.items.statistics import FEWEST_FOR_SHARES, Estimate, Figures

MANY = 1 / 3  # of those who lost points: worth time in class
FEW = 0.05
BLANK = 0.1
LEAST_SEEN = 2  # what concerns one student alone is told in private


def percent(value: float) -> str:
    """A whole percentage."""
    return f"{value:.0f}%"


def interval(estimate: Estimate) -> str:
    """The ends of an interval in percent."""
    return f"{percent(estimate.low)} to {percent(estimate.high)}"


def correlation(value: float) -> str:
    """A correlation with two decimals and a real minus sign."""
    return f"{value:.2f}".replace("-", "−")


def what_happened(one: Figures) -> list[str]:
    """Say how a question went, in two or three sentences."""
    if not one.people:
        return ["It is still to be marked for everybody."]
    said = [_lost(one)]
    unread = len(one.item.scores) - one.people
    if unread:
        said.append(f"For {unread} more it is still to be marked.")
    common = shared_messages(one)
    if one.lost and common:
        message, count = common[0]
        share = "To most of them" if 2 * count > one.lost else "Most often"
        said.append(f"{share} ({count} of {one.lost}) the check said: {quoted(message)}")
    if one.item.blank:
        said.append(f"{one.item.blank} left the answer blank.")
    return said


def _lost(one: Figures) -> str:
    people = f"{one.people} students"
    if not one.lost:
        return f"All {people} have full points."
    counted = f"{one.lost} of {people} lost points"
    if one.lost_share is None:
        return f"{counted}."
    return f"{counted} ({percent(one.lost_share.value)}, interval {interval(one.lost_share)})."


def what_to_do(one: Figures) -> list[str]:
    """Say what follows for teaching, where something does."""
    done = []
    share = one.lost / one.people if one.people else 0
    r = one.discrimination
    common = shared_messages(one)
    if r is not None and r.high < 0:
        done.append(
            "Those who do well elsewhere lose points here. Read the question and its check again before its "
            "points count."
        )
    elif one.lost >= LEAST_SEEN and share >= MANY:
        if common and 2 * common[0][1] >= one.lost:
            done.append("One explanation reaches most of them: go through it at the start of the next class.")
        elif one.item.by_person:
            done.append("Read a strong answer and a middling one together in the next class.")
        else:
            done.append(
                "Their reasons differ: look at some of the answers before you decide what to explain."
            )
    elif one.people >= FEWEST_FOR_SHARES and share <= FEW:
        done.append("Nearly everybody has it; it needs no time in class.")
    if (
        one.item.blank is not None
        and one.people
        and one.item.blank / one.people >= BLANK
        and one.item.blank > 1
    ):
        done.append("Ask what kept them from answering: time, the wording, or the code.")
    if r is not None and 0 <= r.high < 0.2:
        done.append("Points here hardly go with points elsewhere; it may ask for something of its own.")
    return done


def shared_messages(one: Figures) -> list[tuple[str, int]]:
    """Messages that several students had, the most frequent first."""
    return [(text, count) for text, count in one.item.messages.most_common() if count >= LEAST_SEEN]


def quoted(message: str) -> str:
    """A message in quotation marks."""
    return f"“{message}”"


def first_things(all_figures: list[Figures]) -> list[tuple[int, Figures]]:
    """The questions to begin with, by number: at most three, those that cost the class the most points."""
    worth = [
        (number, one)
        for number, one in enumerate(all_figures, 1)
        if one.lost >= LEAST_SEEN and one.lost / one.people >= MANY
    ]
    return sorted(worth, key=lambda pair: -(1 - pair[1].earned) * pair[1].item.points)[:3]
