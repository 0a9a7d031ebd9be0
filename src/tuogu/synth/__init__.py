"""The synthetic city: a branch that does not exist, with every answer known.

In: a city code, a number of customers, a seed. Out: `City`, a workbook as dirty as real ones, Parquet,
the truth. Never: data of a real person, policy or insurer.
"""

from tuogu.synth.city import DATA_DATE, City, make_city
from tuogu.synth.geography import UnknownCityError
from tuogu.synth.motor import MotorBook, motor_book, write_motor
from tuogu.synth.parquet import write_parquet
from tuogu.synth.truth import campaign
from tuogu.synth.workbook import write_workbook

__all__ = [
    "DATA_DATE",
    "City",
    "MotorBook",
    "UnknownCityError",
    "campaign",
    "make_city",
    "motor_book",
    "write_motor",
    "write_parquet",
    "write_workbook",
]
