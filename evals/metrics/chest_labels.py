"""The fourteen labels of CheXpert, read from a chest report's English by rules, as CheXbert reads them by a model.

A mention is looked for sentence by sentence; a denial before it in its clause, or after it, makes it absent, and a
hedge uncertain. What a label takes in follows CheXpert's lists: infiltrates, interstitial markings and scars are
opacities, congestion is oedema. Calcified granulomas, clips and sternotomy wires are no label; what is in
`evals/data/chest_labels` was labelled by these definitions.

Source: Irvin et al., CheXpert (2019), arXiv 1901.07031; Chapman et al., NegEx (2001).
"""

import re
from collections.abc import Mapping
from typing import Literal

from radcite.core.sentences import split_sentences

__all__ = ["LABELS", "NO_FINDING", "ChestLabels", "chest_labels", "shared_labels"]

State = Literal["present", "uncertain", "absent"]
ChestLabels = Mapping[str, State]
NO_FINDING = "No Finding"

_BIG = r"(?:enlarge[dm]\w*|enlarging|large[r]?|borderline|increase[d]?|prominen\w*|widen\w*)"
_TOP = r"(?:upper (?:limits? )?(?:of )?normal|top normal|at the upper limits?)"
_HEART = r"(?:heart|cardiac|cardiopericardial)(?: ?(?:silhouette|size|shadow|contours?|xxxx))*"
_MEDIASTINUM = r"(?:mediastin\w+|cardiomediastin\w+|vascular pedicle|paratracheal stripe)"
_MENTIONS: Mapping[str, str] = {
    "Enlarged Cardiomediastinum": rf"{_MEDIASTINUM}(?: \w+){{0,4}} {_BIG}"
    rf"|{_BIG}(?: of)?(?: the)?(?: \w+){{0,2}} {_MEDIASTINUM}|mediastinal widening|convexity of (?:\w+ )?mediastin\w+"
    r"|paratracheal stripe is denser|widened mediastinum|prominence of (?:the )?mediastinum",
    "Cardiomegaly": rf"cardiomegaly|{_HEART}(?: (?!and\b)\w+){{0,4}} (?:{_BIG}|{_TOP})|cardiac enlargement"
    rf"|{_BIG}(?: of)?(?: the)? {_HEART}|(?:right|left) atrial enlargement",
    "Lung Opacity": r"opaci\w+|air[ -]?space disease|infiltrat\w+"
    r"|interstiti\w+ (?:lung|marking\w*|pattern)|interstitium|lung markings|reticula\w+"
    r"|scar(?:s|ring)?|parenchymal (?:changes|scarring)"
    r"|bronchial (?:cuffing|thickening)"
    r"|(?<!calcified )densit(?:y|ies) (?:in|of|projecting over) the (?:left|right)"
    r" (?:upper |lower )?(?:lung|base|lobe)",
    "Lung Lesion": r"(?:lung|pulmonary|lobe|apical) (?:mass|lesion)\w*|mass(?:es|like)?\b|nodul\w+|neoplas\w+"
    r"|tumou?r\w*"
    r"|malignan\w+|carcinoma|cavitary|cystic lesion|metasta\w+",
    "Edema": r"o?edema|heart failure|\bchf\b|vascular (?:congestion|prominence|engorgement)|pulmonary congestion"
    r"|volume overload|prominent (?:pulmonary )?vascul\w+",
    "Consolidation": r"consolidat\w+",
    "Pneumonia": r"pneumonias?\b|infect\w+|bronchopneumonia",
    "Atelectasis": r"atelecta\w+|lobar collapse|collapse of",
    "Pneumothorax": r"pneumothora\w+",
    "Pleural Effusion": r"(?<!pericardial )(?<!joint )effusions?|pleural fluid|pleural fusion"
    r"|costophrenic \w+(?: \w+)? blunting"
    r"|blunting of (?:the )?(?:\w+ ){0,3}costophrenic|blunted (?:\w+ )?costophrenic",
    "Pleural Other": r"pleural(?:-parenchymal)? (?:thickening|scar\w*|plaque\w*|fibrosis|calcification)|fibrothorax"
    r"|pleural fluid or thickening|effusion or scarring",
    "Fracture": r"fracture\w*|(?:compression|wedge|rib) deformit\w+|anterior wedging|xxxx deformit\w+",
    "Support Devices": r"catheter\w*|picc\b|port-a|tubes?\b|tubing|pacemaker\w*|\bpacer|\bicd\b"
    r"|\bleads?\b|central (?:venous )?line"
    r"|\bstent\w*|prosthe\w+|hardware|\bscrews?\b|\brods?\b|intramedullary|(?:shoulder|hip|valve) replacement"
    r"|tracheostomy"
    r"|electronic cardiac device|defibrillator|interval fixation|lines? tip",
}
LABELS: tuple[str, ...] = (*_MENTIONS, NO_FINDING)
_COMPILED = {label: re.compile(pattern, re.IGNORECASE) for label, pattern in _MENTIONS.items()}
_CLAUSE = re.compile(
    r";|\b(?:but|however|otherwise|although|though|except|apart from|other than)\b|,? with (?!no\b)|\. ",
    re.IGNORECASE,
)
_DENIED_BEFORE = re.compile(
    r"\b(?:no|not|without|neither|nor|negative for|free of|clear of|absence of|resolution of|resolved|rather than"
    r"|rule out|rules out|exclude[sd]?|denies|never|unremarkable for|removal of)\b(?! (?:change|typical change))",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"^(?:\W+\w+){0,4}?\W+(?:(?:is|are|was|were|has|have|been) (?:\w+ )?(?:not\b|normal|resolved|absent|removed|cleared"
    r"|unremarkable)|(?:is|are|was|were|appears?) within|(?:has|have) been removed|within (?:normal|limits)"
    r"|not (?:seen|identified|present))",
    re.IGNORECASE,
)
_HEDGED = re.compile(
    r"\b(?:may|might|could|possib\w+|probabl\w+|question\w*|suspicious|suspected|suspicion|suggest\w*|versus|vs|likely"
    r"|or|concerning|compatible with|consistent with|borderline|cannot be excluded|not excluded"
    r"|differential|represents?)\b"
    r"|top normal|upper (?:limits? )?(?:of )?normal",
    re.IGNORECASE,
)
_SURE = {"Lung Opacity", "Support Devices", "Lung Lesion", "Pleural Effusion"}
"""Labels that a description names by its look, whatever it may mean; `and/or` beside them hedges the meaning."""


def chest_labels(report: str) -> ChestLabels:
    """Each label that the report speaks of; `No Finding` where nothing but devices is present or uncertain.

    A label is as sure as its surest mention; one that is only denied is absent.
    """
    order = ("absent", "uncertain", "present")
    found: dict[str, State] = {}
    for start, end in split_sentences(report):
        for clause in _CLAUSE.split(report[start:end]):
            for label, state in _of_clause(clause or ""):
                if order.index(state) >= order.index(found.get(label, "absent")):
                    found[label] = state
    shown = {label for label, state in found.items() if state != "absent"} - {"Support Devices"}
    return found if shown else {**found, NO_FINDING: "present"}


def _of_clause(clause: str) -> list[tuple[str, State]]:
    found: list[tuple[str, State]] = []
    for label, pattern in _COMPILED.items():
        for mention in pattern.finditer(clause):
            # The words of a mention may hold the denial themselves: `the heart is not enlarged`.
            before, after = clause[: mention.end()], clause[mention.end() :]
            if _DENIED_BEFORE.search(before) or _DENIED_AFTER.search(after):
                found.append((label, "absent"))
            elif label not in _SURE and _HEDGED.search(clause):
                found.append((label, "uncertain"))
            else:
                found.append((label, "present"))
    return found


def shared_labels(said: str, gold: str) -> dict[str, float]:
    """F1 of the labels that two reports state or suspect; `No Finding` is a label as any other."""
    one, other = _stated(chest_labels(said)), _stated(chest_labels(gold))
    common = len(one & other)
    return {"label F1": 2 * common / (len(one) + len(other)) if one or other else 1.0}


def _stated(labels: ChestLabels) -> set[str]:
    return {label for label, state in labels.items() if state != "absent"}
