"""How a command ends that does not go well: one true sentence, and an exit code.

The text of an exception that is not our own may hold personal data: it is looked at for the kind of
fault, and never shown.
"""

from __future__ import annotations

from safer_streets_assets.errors import SaferStreetsError, chain_of, was_query_interrupted

FAILED = 1
INTERRUPTED = 130
SAID_INTERRUPTED = "Interrupted; run again: what was begun is finished or undone then."


def sentence_of(error: BaseException) -> str:
    """What is said of an error that ends a command."""
    if isinstance(error, SaferStreetsError):
        return str(error)
    from safer_streets_assets.stores.faults import sentence_of_fault

    if (sentence := sentence_of_fault(error)) is not None:
        return sentence
    return (
        f"An unexpected {type(error).__name__} ended the command; its text is withheld, as it may "
        "hold personal data: run it again with --debug where nobody else sees the screen."
    )


def was_interrupted(error: BaseException) -> bool:
    """Whether an operator ended the command (Ctrl-C), also where a library made another of it.

    A question that was answered with no is none.
    """
    return any(
        isinstance(one, KeyboardInterrupt)
        or type(one).__name__ == "DagsterExecutionInterruptedError"
        or was_query_interrupted(one)
        for one in chain_of(error)
    )


def input_ended(error: BaseException) -> bool:
    """Whether the input ended where an answer was waited for."""
    return any(isinstance(one, EOFError) for one in chain_of(error))
