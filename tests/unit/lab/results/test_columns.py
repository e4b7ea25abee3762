"""Every column of the tables says what it is; the dictionary and the files agree."""

import pytest

from guiderail.sim.judge.severity import MEANING as SEVERITIES
from guiderail.sim.judge.severity import Severity
from guiderail.sim.judge.taxonomy import TAXONOMY
from guiderail.sim.lab.measure.ledger import MEANING, Account
from guiderail.sim.lab.results.columns import TABLES, columns
from guiderail.sim.lab.results.store import schema
from guiderail.sim.lab.results.words import WORDS

UNITS = ("mm_s", "mm", "ms", "s", "kwh")


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_a_sentence_and_the_unit_of_its_name(table: str) -> None:
    for column in columns(table):
        assert column.meaning.endswith("."), column.name
        assert len(column.meaning) <= 110
        unit = next((unit for unit in UNITS if column.name.endswith(f"_{unit}")), None)
        if unit is not None:
            assert column.unit.lower().replace("/", "_") == unit, column.name


def test_the_dictionary_is_in_the_order_of_the_files_and_no_name_is_there_twice() -> None:
    for table in TABLES:
        names = [column.name for column in columns(table)]
        assert names == schema(table).names
        assert len(names) == len(set(names))


def test_an_unknown_table_is_refused_with_the_names_of_all() -> None:
    with pytest.raises(ValueError, match="no table 'trip'; there are trips, infractions, messages"):
        columns("trip")


def test_every_article_class_account_and_word_has_a_sentence() -> None:
    assert SEVERITIES.keys() == set(Severity)
    assert MEANING.keys() == set(Account)
    said = [one.meaning for one in TAXONOMY.values()]
    said += [*SEVERITIES.values(), *MEANING.values(), *WORDS.values()]
    assert [text for text in said if not text.endswith(".")] == []
    assert len(set(said)) == len(said)
