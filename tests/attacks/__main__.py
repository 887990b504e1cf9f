"""Play every attack and write docs/attacks.md."""

from tests.attacks.page import PAGE, page, summary
from tests.attacks.plays import play_all

if __name__ == "__main__":
    outcomes = play_all()
    PAGE.write_text(page(outcomes))
    print("\n".join(summary(outcomes)))
