"""Every small group: what the report shows always fits several sets of answers, whoever knows the rules."""

from collections import defaultdict
from itertools import product

import pytest

import response_files
from informal_ict.compare.disclosure import can_show, show_several, show_single
from informal_ict.compare.instrument import load_questionnaire_items
from informal_ict.compare.read import Answers, Person
from informal_ict.compare.summarise import summarise
from informal_ict.published import load_published

CODES = "abcd"


def divisions(people, answers):
    """Every way in which people can divide on answers, one each."""
    if answers == 1:
        yield (people,)
        return
    for count in range(people + 1):
        for rest in divisions(people - count, answers - 1):
            yield (count, *rest)


def choices(people, answers):
    """Every set of counts when each may give several answers, and gives one at least."""
    return (counts for counts in product(range(people + 1), repeat=answers) if sum(counts) >= people)


def betrayed(every, show):
    """Hidden counts that can be worked out by somebody who knows the rules and tries everything."""
    views = defaultdict(list)
    for counts in every:
        shown = show(dict(zip(CODES, counts, strict=False)))
        seen = (tuple(sorted(shown.counts.items())), shown.rest, tuple(sorted(shown.sides.items())))
        views[seen].append(counts)
    return [
        (seen, CODES[place])
        for seen, all_counts in views.items()
        for place in range(len(all_counts[0]))
        if CODES[place] not in dict(seen[0]) and len({counts[place] for counts in all_counts}) == 1
    ]


@pytest.mark.parametrize("smallest", [3, 5])
@pytest.mark.parametrize("answers", [2, 3])
def test_one_answer_hides_what_it_hides(smallest, answers):
    for people in range(1, 31):
        every = divisions(people, answers)
        assert betrayed(every, lambda c, n=people: show_single(c, "a", n, smallest)) == []


@pytest.mark.parametrize(("answers", "smallest", "most"), [(3, 3, 20), (3, 5, 20), (4, 3, 11), (4, 5, 17)])
def test_several_answers_hide_what_they_hide(answers, smallest, most):
    """With four answers and a threshold of five, up to 16 people could all be among hidden counts."""
    for people in range(2 * smallest, most + 1):
        every = choices(people, answers)
        assert betrayed(every, lambda c, n=people: show_several(c, n, smallest)) == []


def test_the_search_would_find_a_rule_that_betrays():
    """Of three answers, hiding only the small one leaves it to be found by subtraction."""

    def naive(counts):
        return show_single(counts, None, 12, 1)._replace(counts={c: n for c, n in counts.items() if n >= 5})

    assert betrayed(divisions(12, 3), naive)


def test_no_number_stands_for_too_few():
    for people in range(1, 25):
        for counts in divisions(people, 3):
            shown = show_single(dict(zip(CODES, counts, strict=False)), "a", people, 5)
            for number in (*shown.counts.values(), *([] if shown.rest is None else [shown.rest])):
                assert can_show(number, people, 5)


def summary_of(people):
    published = load_published()
    given = tuple(
        Person(row, {name: tuple(one[name]) for name in response_files.QUESTIONS})
        for row, one in enumerate(people, 2)
    )
    answers = Answers("invented.csv", given, (), (), ())
    summary = summarise(answers, load_questionnaire_items(published=published), published)
    return {one.question.name: one for one in summary.questions}


def test_a_follow_up_does_not_give_away_a_hidden_base():
    """23 of 25 use ICT: the two who do not are hidden, and so are the 23 who could be asked on."""
    person = {"friend_request": ["yes"], "talks": ["no"], "workplace_policy": ["no"]}
    user = {**person, "uses_ict": ["yes"], "who_begins": ["both"], "after_hours": ["never"]}
    user |= {"searched": ["no"], "reasons": []}
    other = {**user, "uses_ict": ["no"], "who_begins": [], "after_hours": []}
    people = [{**user, "who_begins": ["they" if n < 9 else "both"]} for n in range(23)] + [other] * 2
    shown = summary_of(people)
    assert [option.share for option in shown["uses_ict"].options] == [None, None]
    for name in ("who_begins", "after_hours"):
        assert shown[name].why_hidden == "base hidden" and shown[name].people is None
        assert all(option.share is None for option in shown[name].options)
    enough = summary_of([*people[:18], *[other] * 7])
    assert enough["uses_ict"].options[0].share.count == 18
    assert enough["who_begins"].people == 18


def test_everyone_alike_is_not_shown():
    one = {name: [] for name in response_files.QUESTIONS} | {"uses_ict": ["no"], "friend_request": ["yes"]}
    shown = summary_of([one] * 20)["friend_request"]
    assert [option.share for option in shown.options] == [None, None]
    assert shown.options[0].side == "nearly all"
