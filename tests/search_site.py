"""A diary of unusual text with all files of the search, made without the embedding model, and queries for it."""

from __future__ import annotations

import json
import random
from pathlib import Path

from paperdiary import config as configs
from paperdiary import embed, encoder, notes, shards
from paperdiary.build import Diary
from paperdiary.store import Store

MKDOCS_YML = """\
site_name: Unusual
docs_dir: notes
theme:
  name: material
  font: false
plugins:
  - paperdiary
"""
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script> **bold** & <b>more"
SUBJECTS = {
    "tides": "moon gravity tidal bulge friction resonance bay estuary harbour shallow water harmonics gauge",
    "bread": "sourdough starter yeast gluten hydration oven crust fermentation flour dough proofing bakery",
    "robots": "manipulation grasping policy imitation gripper demonstration sim-to-real diffusion action household",
    "language": "attention transformer pre-training token language-model decoder self-attention perplexity corpus",
    "birds": "migration songbird nesting feather warbler plumage ringing flyway roosting hatchling egg",
    "maps": "cartography projection mercator contour atlas surveying triangulation meridian coastline geodesy",
}
ODD = {
    "Übungen für Größe und Maß": "Die Straße ist größer als der Weg; naïve Ärzte, déjà vu, Ångström, smørrebrød, Łódź.",
    "深度学习的注意力机制": "注意力机制让模型关注重要的词。深度学习 和 強化学習 を組み合わせる。東京大学の研究。",
    "ทะเลและดวงจันทร์": "น้ำขึ้นน้ำลงเกิดจากแรงดึงดูดของดวงจันทร์ และ gravity of the moon.",
    "Σίσυφος και ο βράχος": "Ο Σίσυφος σπρώχνει τον βράχο. Путь к вершине: Ёлка, ёж, й. גלים ורוח, مدّ وجزر.",
    "Emoji 🦄 party 🎉": "A unicorn 🦄 and a flag 🏳️‍🌈; 👩‍👩‍👧 family. Maths 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 and ﬁne ﬂour, ① ②, ½ cup.",
    "Don't, can’t and the dog's dinner": "It's the reader's own word: rock-'n'-roll, state-of-the-art, x-ray, a-b-c.",
    "Numbers 2024 and 3.14": "GPT-4, ResNet-50, ImageNet-1k, 1e-5, v2.0.1, 50%, $100, 10,000 and 2024-05-01.",
    "the of and": "To be or not to be, that is the question: whether it is in the and of.",
    HOSTILE: "Some <script>alert(1)</script> and <b>bold</b> words; [a link](javascript:alert(1)) &amp; &lt;i&gt;.",
    "\u202eRight to left override": "Zero\u200bwidth\u00adsoft\u2060joiner, tabs\tand\u3000wide spaces, "
    "a\u0338 slashed letter, C\u0327a va.",
    "A very long word": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
    + " ends.",
}


def write_notes(root: Path, *, size: int = 60, seed: int = 4) -> None:
    """mkdocs.yml and notes: some on six subjects with repeated passages, some odd ones."""
    chance = random.Random(seed)
    (root / "mkdocs.yml").write_text(MKDOCS_YML, encoding="utf-8")
    filler = "the a of and with for about under between small large new old often seldom we find that results show"
    for n in range(size):
        subject = chance.choice(list(SUBJECTS))
        words = SUBJECTS[subject].split() * 2 + filler.split()
        title = " ".join(chance.sample(SUBJECTS[subject].split(), 3)).capitalize() + f" {n % 7}"
        parts = []
        for part in range(chance.randint(1, 7)):
            text = ". ".join(" ".join(chance.choices(words, k=chance.randint(6, 18))) for _ in range(7))
            parts.append(f"## {chance.choice(['Method', 'Findings', 'Open questions', 'Why'])} {part}\n\n{text}.\n")
        parts.append("## Same\n\nThe very same words stand in many notes, so that ranks are tied.\n")
        head = [f"title: {title}", f"status: {chance.choice(['read', 'read', 'reading', 'queued'])}"]
        head.append(f"tags: [{subject}, {chance.choice(['Große Liste', 'later', '#hash'])}]")
        if chance.random() < 0.8:
            head.append(f"date: {chance.randint(2023, 2025)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}")
        if n % 5 == 0:
            head.append(f"arxiv: 2{n % 4}01.{10000 + n}")
        if n % 9 == 0:
            head.append(f"kind: {chance.choice(['blog', 'talk'])}")
        folder = root / "notes" / subject / ("deep" if n % 4 == 0 else "")
        folder.mkdir(parents=True, exist_ok=True)
        text = "\n".join(["---", *head, "---", "", *parts])
        (folder / f"note-{n}.md").write_text(text, encoding="utf-8")
    for n, (title, text) in enumerate(ODD.items()):
        path = root / "notes" / "odd" / f"odd-{n}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        head = f"---\ntitle: {json.dumps(title)}\n---\n" if "<" in title else f"# {title}\n"
        path.write_text(f"{head}\n{text}\n\n## Words\n\n{text} {title}\n", encoding="utf-8")


QUERIES = [
    "tidal friction in a shallow bay",
    "sourdough",
    "SOURDOUGH Starter",
    "sourdogh startr",
    "fermentatoin of dough",
    "imitation",
    "imitatino lerning",
    "gravtiy of tidse",
    "coat of policies",
    "brass and greed",
    "sim-to-real",
    "sim to real",
    "simtoreal",
    "pre-training",
    "pretraining",
    "pre-trai",
    "self-attention decoder",
    "language-model",
    "transformers",
    "transform",
    "trans",
    "tr",
    "t",
    "grav",
    "grav ",
    "moon grav",
    "bakeries",
    "cartography of coastlines",
    "mercator projections",
    "migration of songbirds",
    "the very same words",
    '"the very same words"',
    '"very same" tidal',
    '"tidal bulge"',
    '"bulge tidal" moon',
    '"same words" "many notes"',
    '"nowhere at all here"',
    '"',
    '""',
    'tidal "unclosed moon',
    "the of and",
    "to be or not to be",
    "the",
    "of the and in",
    "größe",
    "grosse",
    "GRÖSSE UND MASS",
    "strasse",
    "smorrebrod",
    "Lodz",
    "angstrom",
    "naive",
    "déjà-vu",
    "深度学习",
    "注意力",
    "学",
    "東京大学の研究",
    "強化学習 deep",
    "ดวงจันทร์",
    "น้ำ moon",
    "Σισυφοσ",
    "σίσυφος βράχος",
    "елка",
    "ёлка путь",
    "مد",
    "גלים",
    "🦄",
    "unicorn 🦄 party",
    "👩‍👩‍👧",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
    "ﬁne ﬂour",
    "½ cup",
    "don't",
    "dog's dinner",
    "dogs",
    "rock-'n'-roll",
    "state-of-the-art",
    "gpt-4 resnet",
    "3.14",
    "10,000",
    "2024",
    "x",
    "zzzzqqq",
    "qwrtpsdfg hjkl",
    "\u202eoverride",
    "zero width soft joiner",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "<script>alert(1)</script>",
    HOSTILE,
    "Emoji 🦄 party 🎉",
    "A very long word",
    "tag:tides",
    "TAG:Tides moon",
    "tag:hash",
    'tag:"grosse liste"',
    "tag:#hash tag:maps",
    "tag:",
    "topic:robots",
    "topic:deep gripper",
    "topic:robots/deep topic:bread",
    "status:queued yeast",
    "status:nothing",
    "kind:blog",
    "kind:paper moon status:read",
    "before:2024",
    "after:2024-06 before:2025 water",
    "after:2024-13",
    "before:yesterday moon",
    "2001.10000",
    "arxiv:2101.10005",
    "https://arxiv.org/abs/2201.10010v3",
    "https://www.example.org/nothing",
    "10.1000/none",
    "tides:moon",
    "foo:bar",
    "  moon   gravity  ",
    "moon\tgravity\u3000bay",
    "moon " * 300,
    "a" * 5000,
    " ".join(f"word{n}" for n in range(400)) + " moon",
    "!!! ??? ...",
    "\x00\x01\x02",
]


def site_of(root: Path) -> Diary:
    """The files of the search under root/site/search, vectors made by the query encoder itself; the diary."""
    config = configs.load(root)
    store = Store(config)
    found = tuple(notes.read_all(config))
    entries = tuple(e for note in found for e in note.entries)
    table = encoder.QueryEncoder(encoder.PACKAGED)
    texts = [text for entry in entries for text in embed.passage_texts(entry)]
    vectors = table.encode(texts)
    identity = embed.identity(config.options)
    made = shards.update(shards.place(store), entries, lambda: vectors, identity, {}, table)
    diary = Diary(config, found, entries, made=made, encoder=table)
    shards.publish(diary, config.site)
    return diary
