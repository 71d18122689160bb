"""Texts that broke programs before: markup, formulas, other scripts, unseen letters (after the Big List of Naughty Strings)."""

WORDS = """
undefined null NaN true TRUE 0 1/0 $1.00 1e1000 0x0 007 0012 1E5 6901234567892 ٠١٢ ١٢٣ ½ Ω≈ç√∫˜µ≤≥÷ åß∂ƒ©˙∆˚¬…æ ЁЂЃЄЅІЇ
田中さんにあげて下さい 사회과학원 𠜎𠜱𠝹𠱓 Ｆｕｌｌ הָיְתָה مُنَاقَشَةُ ﷺ Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮ ˙ɐnbᴉlɐ 👾 🇨🇳 ❤️ ﬁ ſ İ ß
<script>alert(1)</script> ';alert(1)// "><svg/onload=alert(1)> javascript:alert(1) {{7*7}} ${7*7} %s%n%x ../../etc/passwd
C:\\con\\aux 1;DROP $(id) `id` ]]> <![CDATA[x]]> &amp; "" " 'quoted' , ; | \\ \\n trailing\\ x000D_ #N/A 2026-01-02 1-2 3/4
MARCH1 SEPT2 00:12
"""
RUN = """
=1+1 =1+1; =HYPERLINK("http://x.example","x") ="0012" = + - --1 +1+1 +8613800000000 -1+1 -0050 -1e5 -5x -12345678901234567890
@SUM(1+1) @home ＝1+1 ＋1 －1+1 ＠x '=1+1 ''=1+1 '-5
"""
PLAIN = (
    *WORDS.split(), "' OR 1=1 -- 1", 'say "hi"', "a\tb", "a\u00a0b", "a\u2028b", "a\u3000b", "<img src=x onerror=alert(1)>",
    "\U0001f3f3\ufe0f\u200d\U0001f308", "Ｆｕｌｌ　ｗｉｄｔｈ",
)  # fmt: skip
FORMULAS = (
    *RUN.split(), "=cmd|' /C calc'!A0", "-cmd|' /C calc'!A0", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "\u3000=1+1", "' =1",
)  # fmt: skip
