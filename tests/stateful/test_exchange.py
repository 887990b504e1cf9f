"""Random lives of an exchange keep every invariant.  `--hypothesis-profile=explore` lives longer."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.stateful.machine import ExchangeMachine

LIVES = 60


def test_every_life_keeps_the_invariants() -> None:
    is_exploring = settings.default.max_examples > 100
    lives = settings.default.max_examples if is_exploring else LIVES
    run_state_machine_as_test(
        ExchangeMachine, settings=settings(max_examples=lives, suppress_health_check=list(HealthCheck))
    )
