"""The words in which acts are claimed, by language: verbs, helpers, negations, and what acts are done to.

English, German, French, Spanish, Portuguese, Italian and Dutch are read by words, Japanese and Chinese
by their verbs alone. A sentence in another language claims nothing.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from routine_harness.pattern import lazy_pattern

ACTS: Final[dict[str, tuple[str, ...]]] = {
    "made": (),
    "posted": ("message.", "comment.", "review.", "document.", "draft.", "status_update.", "notification."),
    "told": ("message.", "comment.", "review.", "notification.", "ticket.", "document.", "draft."),
    "commented": ("comment.", "review.", "message."),
    "merged": ("pull_request.merged", "branch."),
    "closed": ("ticket.", "pull_request.", "thread."),
    "reopened": ("ticket.", "pull_request."),
    "pushed": ("branch.", "tag.", "commit."),
    "changed": ("ticket.", "pull_request.", "label.", "document.", "comment.", "project.", "review."),
    "approved": ("review.",),
    "added": ("comment.", "review.", "label.", "reaction.", "ticket.updated", "pull_request.updated"),
    "deleted": (),
    "ran": (),
}
"""Act → the beginnings of the kinds that bear it out; empty where the noun decides."""

_VERBS: Final = {
    "en": {
        "made": "created filed opened raised submitted logged",
        "posted": "posted sent published announced scheduled",
        "told": "shared notified messaged alerted informed pinged",
        "commented": "commented replied responded",
        "merged": "merged",
        "closed": "closed resolved",
        "reopened": "reopened",
        "pushed": "pushed",
        "changed": "updated labelled labeled assigned edited retitled renamed moved linked",
        "approved": "approved",
        "added": "added left wrote",
        "deleted": "deleted removed",
        "ran": "ran executed",
    },
    "de": {
        "made": "angelegt erstellt eröffnet aufgemacht erfasst",
        "posted": "gepostet gesendet geschickt verschickt veröffentlicht versandt",
        "told": "geteilt benachrichtigt informiert mitgeteilt",
        "commented": "kommentiert geantwortet",
        "merged": "gemergt gemerged zusammengeführt",
        "closed": "geschlossen",
        "reopened": "wiedereröffnet",
        "pushed": "gepusht gepushed",
        "changed": "aktualisiert zugewiesen umbenannt bearbeitet",
        "deleted": "gelöscht",
        "ran": "ausgeführt",
    },
    "fr": {
        "made": "créé créée créés créées ouvert ouverte ouverts ouvertes déposé",
        "posted": "posté postée publié publiée publiés envoyé envoyée envoyés envoyées",
        "told": "partagé partagée notifié prévenu informé averti",
        "commented": "commenté répondu",
        "merged": "fusionné fusionnée mergé mergée",
        "closed": "fermé fermée clos clôturé",
        "reopened": "rouvert",
        "pushed": "poussé poussée",
        "changed": "étiqueté assigné renommé modifié",
        "deleted": "supprimé supprimée",
        "ran": "exécuté",
    },
    "es": {
        "made": "creado creada creados creadas creé creó crearon abierto abierta abrí abrió registrado",
        "posted": "publicado publicada publiqué publicó enviado enviada envié envió",
        "told": "compartido notificado avisado informado compartí notifiqué avisé informé",
        "commented": "comentado comenté respondido respondí",
        "merged": "fusionado fusionada fusioné fusionó",
        "closed": "cerrado cerrada cerré cerró",
        "reopened": "reabierto reabrí",
        "pushed": "subido subí subió empujado",
        "changed": "actualizado actualizada actualicé etiquetado asignado asigné",
        "deleted": "eliminado eliminada eliminé borrado borré",
        "ran": "ejecutado ejecuté",
    },
    "pt": {
        "made": "criado criada criados criadas criei aberto aberta abri registrado",
        "posted": "publicado publicada publiquei enviado enviada enviei postado postei",
        "told": "compartilhado compartilhei notificado notifiquei avisado avisei",
        "commented": "comentado comentei respondi",
        "merged": "mesclado mesclei",
        "closed": "fechado fechada fechei",
        "pushed": "empurrado",
        "changed": "atualizado atualizada atualizei atribuí",
        "deleted": "excluído excluída apagado",
        "ran": "executado executei",
    },
    "it": {
        "made": "creato creata creati create aperto aperta",
        "posted": "pubblicato pubblicata inviato inviata inviati",
        "told": "condiviso notificato informato avvisato",
        "commented": "commentato risposto",
        "merged": "unito fuso",
        "closed": "chiuso chiusa",
        "pushed": "spinto",
        "changed": "aggiornato aggiornata assegnato etichettato",
        "deleted": "eliminato cancellato",
        "ran": "eseguito eseguiti",
    },
    "nl": {
        "made": "aangemaakt gemaakt geopend ingediend",
        "posted": "geplaatst verstuurd verzonden gestuurd gepubliceerd",
        "told": "gedeeld geïnformeerd ingelicht",
        "commented": "gereageerd becommentarieerd beantwoord",
        "merged": "samengevoegd",
        "closed": "gesloten",
        "pushed": "gepusht",
        "changed": "bijgewerkt toegewezen gelabeld",
        "deleted": "verwijderd",
        "ran": "uitgevoerd",
    },
}
_SIGNS: Final = {
    "made": "作成しました 作成済み 起票しました 開きました 已创建 创建了 新建了 已建立",
    "posted": "投稿しました 送信しました 送りました 公開しました 已发布 发布了 已发送 发送了",
    "told": "共有しました 通知しました 已通知 通知了",
    "commented": "コメントしました 返信しました 评论了 已评论 回复了",
    "merged": "マージしました 已合并 合并了",
    "closed": "クローズしました 閉じました 已关闭 关闭了",
    "pushed": "プッシュしました 已推送 推送了",
    "changed": "更新しました 已更新 更新了",
}
"""Verbs of languages that put no space between words."""


class Language(msgspec.Struct, frozen=True):
    """``own`` says that the speaker acts, ``third`` that somebody else does, ``passive`` that it was
    done; ``helpers`` say nothing of that; a verb of ``reflexive`` needs one of ``passive`` or ``own``."""

    own: frozenset[str]
    third: frozenset[str]
    passive: frozenset[str]
    helpers: frozenset[str]
    reflexive: frozenset[str] = frozenset()


def _language(own: str, third: str, passive: str, helpers: str, reflexive: str = "") -> Language:
    return Language(*(frozenset(words.split()) for words in (own, third, passive, helpers, reflexive)))


LANGUAGES: Final = {
    "en": _language(
        "i we i've we've",
        "has have had he she they it who which",
        "was were been being",
        "a an the this that these those its my our new also just now successfully then both all each",
    ),
    "de": _language(
        "ich wir habe haben",
        "hat hatte",
        "wurde wurden worden ist sind",
        "ein eine einen einem der die das den dem neues neue neuen neuer auch gerade nun jetzt erfolgreich",
    ),
    "fr": _language(
        "j'ai je nous avons ai",
        "a ont il elle",
        "été est sont",
        "un une le la les l' nouveau nouvelle aussi bien",
    ),
    "es": _language(
        "he hemos yo nosotros",
        "ha han había",
        "fue fueron sido se",
        "un una el la los las nuevo nueva también",
        "creó crearon abrió publicó envió fusionó cerró subió",
    ),
    "pt": _language("eu nós", "tem", "foi foram sido", "um uma o a os as novo nova também"),
    "it": _language(
        "ho abbiamo io noi",
        "ha hanno",
        "stato stata stati state è sono",
        "un una il la lo i gli le nuovo nuova",
    ),
    "nl": _language(
        "ik heb wij we hebben", "heeft", "werd werden is zijn", "een de het nieuw nieuwe ook net nu"
    ),
}

_NO: Final = (
    "not no never nothing none neither nor cannot can't couldn't didn't wasn't weren't hasn't haven't won't "
    "don't doesn't isn't aren't zero failed unable refused skipped skipping n/a "
    "nicht kein keine keinen keiner keinem nie nichts weder fehlgeschlagen "
    "pas aucun aucune rien jamais ni échoué "
    "ningún ninguna ninguno nada nunca falló não nenhum nenhuma non nessun nessuna niente niet geen"
)
_UNREAL: Final = (
    "would will should could can may might must please need needs recommend recommended suggest suggested "
    "suggests planned plan attempted tried be going if unless whether "
    "würde würden wird werden sollte sollten könnte könnten kann können muss müsste falls wenn versucht "
    "serait devrait pourrait sera faut si "
    "debería podría sería será habría hay deveria poderia seria dovrebbe potrebbe zou zal moet als"
)
_HISTORY: Final = (
    "already previous previously earlier before existing last yesterday ago since recently originally "
    "bereits schon gestern letzte letzten zuvor vorher bestehende seit "
    "déjà hier dernier dernière auparavant ya ayer anterior anteriormente último última desde "
    "já ontem già ieri gisteren eerder vorige"
)
_AWAY: Final = (
    "of for from about per see than by because after since regarding against like via with without as when "
    "für von wegen aus siehe nach mit durch zu pour par avec depuis para por con com door voor van met als"
)
_PREPOSITIONS: Final = (
    "of for in on to with about from für von in auf an zu de sur pour sobre para di van voor"
)
NEGATIONS: Final = frozenset(_NO.split())
UNREAL: Final = frozenset(_UNREAL.split())
HISTORY: Final = frozenset(_HISTORY.split())
AWAY: Final = frozenset(_AWAY.split())
"""Words after which no object of an act stands."""
NOT_IN_SIGNS: Final = ("ませんでした", "しません", "していません", "なかった", "没有", "未", "不")
PREPOSITIONS: Final = tuple(dict.fromkeys(_PREPOSITIONS.split()))
BY_OTHERS: Final = frozenset({"by", "von", "durch", "par", "por", "da", "door"})
OURSELVES: Final = frozenset(
    {"me", "us", "routine", "run", "session", "agent", "automation", "mir", "uns", "moi"}
)
SPANS: Final = lazy_pattern(
    r"\b(?:this|past|last|diese|letzte|cette|esta|questa|deze) (?:few |two |\d+ )?"
    r"(?:hours?|days?|weeks?|months?|quarter|sprint|night|woche|monat|semaine|semana|mês|settimana|week)\b",
    re.IGNORECASE,
)
"""A stretch of time that is told of: what happened in it is news."""
NONE_OF_IT: Final = lazy_pattern(
    r"\W*(?:0|zero|none|n/?a|no|nothing|nil|keine?|nichts|aucune?|ninguna?|ninguno|nenhuma?|nessuna?|geen|なし|无|❌|✗|✘)\W*"
)

THINGS: Final = (
    (r"pull[ -]requests?|prs?|mrs?|merge[ -]requests?|demandes? de fusion", ("pull_request.",)),
    (
        r"tickets?|issues?|bugs?|tasks?|incidents?|aufgaben?|vorgang|tâches?|tareas?|incidencias?|チケット|工单",
        ("ticket.",),
    ),
    (
        r"comments?|kommentare?n?|commentaires?|comentarios?|comentários?|comment[io]|opmerking(?:en)?|コメント|评论",
        ("comment.", "review."),
    ),
    (r"reviews?", ("review.", "comment.")),
    (r"branch(?:es)?|zweige?|branches|ramas?", ("branch.",)),
    (
        r"messages?|posts?|nachricht(?:en)?|mensajes?|mensagem|mensagens|messagg[io]|bericht(?:en)?|メッセージ|消息",
        ("message.",),
    ),
    (
        r"notifications?|benachrichtigung(?:en)?|notificación|notificaciones",
        ("message.", "notification.", "comment."),
    ),
    (r"documents?|docs?|pages?|canvas(?:es)?|dokumente?", ("document.",)),
    (r"releases?", ("release.",)),
    (r"labels?", ("label.", "ticket.updated", "pull_request.updated")),
    (r"drafts?|entw[uü]rfe?", ("draft.", "pull_request.")),
)
"""What acts are done to → the kinds of which it is one."""
CONTENTS: Final = (
    r"summary|summaries|reports?|updates?|digests?|reminders?|alerts?|findings?|results?|notes?|reply|replies|"
    r"announcements?|everything|alles|fix(?:es)?|changes?|patch(?:es)?|commits?|zusammenfassung|änderung(?:en)?|korrektur|résumé|"
    r"rapport|correctif|corrections?|modifications?|resumen|informe|cambios?|resumo|riassunto|samenvatting|"
    r"wijziging(?:en)?|要約|報告"
)
"""What is said or pushed, and is no record by its name."""
TESTS: Final = (
    r"‹code›|tests?|(?:test )?suites?|builds?|linters?|type checks?|checks|testsuite|pruebas|testes"
)
NUMBERS: Final = {
    word: number
    for words in (
        "one two three four five six seven eight nine ten",
        "eins zwei drei vier fünf sechs sieben acht neun zehn",
        "un deux trois quatre cinq six sept huit neuf dix",
        "uno dos tres cuatro cinco seis siete ocho nueve diez",
        "um dois três quatro cinco seis sete oito nove dez",
        "uno due tre quattro cinque sei sette otto nove dieci",
        "een twee drie vier vijf zes zeven acht negen tien",
    )
    for number, word in enumerate(words.split(), 1)
    if number > 1
}


def verbs() -> dict[str, list[tuple[str, str]]]:
    """Word → the acts that it claims, each with its language."""
    found: dict[str, list[tuple[str, str]]] = {}
    for language, acts in _VERBS.items():
        for act, words in acts.items():
            for word in words.split():
                found.setdefault(word, []).append((act, language))
    return found


def signs() -> dict[str, str]:
    """Verb of a language without spaces → the act that it claims."""
    return {word: act for act, words in _SIGNS.items() for word in words.split()}
