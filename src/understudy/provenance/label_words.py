"""What the label says in which language: "Face replaced with AI", and the letters that stand for AI there."""

from typing import Literal

Language = Literal[
    "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "hr",
    "hu", "it", "lt", "lv", "nl", "pl", "pt", "ro", "sk", "sl", "sv",
]  # fmt: skip
"""ISO 639-1."""

WORDS: dict[Language, tuple[str, str]] = {
    "bg": ("Лицето е заменено с ИИ", "ИИ"),
    "cs": ("Obličej nahrazen pomocí umělé inteligence", "AI"),
    "da": ("Ansigt udskiftet med AI", "AI"),
    "de": ("Gesicht mit KI ersetzt", "KI"),
    "el": ("Πρόσωπο αντικατεστημένο με ΤΝ", "ΤΝ"),
    "en": ("Face replaced with AI", "AI"),
    "es": ("Rostro sustituido con IA", "IA"),
    "et": ("Nägu asendatud tehisintellektiga", "TI"),
    "fi": ("Kasvot vaihdettu tekoälyllä", "AI"),
    "fr": ("Visage remplacé par IA", "IA"),
    "hr": ("Lice zamijenjeno umjetnom inteligencijom", "UI"),
    "hu": ("Mesterséges intelligenciával kicserélt arc", "MI"),
    "it": ("Volto sostituito con l’IA", "IA"),
    "lt": ("Veidas pakeistas dirbtiniu intelektu", "DI"),
    "lv": ("Seja aizstāta ar mākslīgo intelektu", "MI"),
    "nl": ("Gezicht vervangen met AI", "AI"),
    "pl": ("Twarz zastąpiona przez AI", "AI"),
    "pt": ("Rosto substituído por IA", "IA"),
    "ro": ("Față înlocuită cu IA", "IA"),
    "sk": ("Tvár nahradená umelou inteligenciou", "AI"),
    "sl": ("Obraz zamenjan z umetno inteligenco", "UI"),
    "sv": ("Ansikte utbytt med AI", "AI"),
}
"""The sentence and the letters by language."""
