"""What announces a person in a text in Latin letters, what a person does after the name, and what is no person."""

import re

__all__ = [
    "BEFORE_DEGREE",
    "BY",
    "DEGREE",
    "FAMILY_ENDING",
    "HEADS",
    "KIN",
    "LABEL",
    "LARGE",
    "LETTER",
    "NOT_PERSON_AFTER",
    "NUMBERED",
    "OF_AGE",
    "OF_A_THING",
    "PERSON_AFTER",
    "PINYIN",
    "PLACE_AFTER",
    "SIGNED",
    "SMALL",
    "TAKEN",
    "THOUGHT",
    "TITLE",
    "TOWARDS",
]

LETTER, LARGE, SMALL = "A-Za-zÀ-ÖØ-öø-ÿĀ-ž", "A-ZÀ-ÖØ-Þ", "a-zß-öø-ÿā-ž"

TITLE = re.compile(
    r"(?:\b(?i:mr|mrs|ms|miss|mx|dr|drs|prof|professor|doctor|sir|dame|lord|"
    r"lady|nurse|sister|matron|rev|reverend|father|fr|sgt|"
    r"capt|captain|officer|judge|señor|señora|sra|sr|frau|herr|mme|monsieur|"
    r"madame)\b(?:\.[ \u00a0]?|[ \u00a0]))(?P<x>)$"
)
_STAFF_LABEL = (
    r"physician|radiologist|pathologist|(?:co[- ]?)?surgeon|assistant|an[a]?esthetist|"
    r"anesthesiologist|attending|resident|fellow|consultant|registrar|technologist|"
    r"technician|radiographer|"
    r"sonographer|operator|provider|clinician|referring (?:doctor|physician|"
    r"provider|clinician)|requesting (?:doctor|physician|clinician)|oncologist|"
    r"cardiologist|neurologist|midwife|"
    r"therapist|social worker|key worker|case manager|pharmacist|student|guardian|"
    r"interpreter|clerk|secretary"
)
_NAME_LABEL = (
    r"(?:patient(?:['’]s)?|pt|full|legal|last|first|given|family|maiden)?[ ]?(?:sur|"
    r"fore)?name(?: of (?:the )?patient)?|dear|hi|hello|baby of|(?:child|widow) of"
)
LABEL = re.compile(
    rf"\b(?i:(?:{_STAFF_LABEL}|{_NAME_LABEL}|patient|pt|attending physician|ordering(?: "
    rf"provider| physician)?|referring|requesting|(?:requested|dictated|transcribed|"
    rf"typed|reported|read|interpreted|seen|"
    r"reviewed|checked|performed|witnessed|prepared|written|completed)(?: by)?|"
    r"dictator|(?:electronically )?(?:signed|verified|authenticated|approved)(?: "
    r"by)?|witness|author|next of kin|nok|emergency contact|"
    r"contact(?: person)?|mother|father|spouse|husband|wife|partner|carer|caregiver|"
    r"daughter|son|gp|pcp|pi|cns|cc|attn|attention|re|from|to|present|apologies|"
    r"nurse|yours sincerely|yours faithfully|sincerely|"
    r"(?:with )?(?:kind|best) (?:regards|wishes)|regards|thanks|copy|id band "
    r"checked|signature))[ \t]*(?:[:;][ \t]*\n?[ \t]*|,?[ \t]*\n+[ \t]*|[ ]-[ "
    r"])(?P<x>)$"
    rf"|\b(?i:{_STAFF_LABEL}|{_NAME_LABEL}|patient|attn|cc|re),?[ ](?P<y>)$"
)
BY = re.compile(
    r"(?:\b(?i:(?:seen|reported|dictated|signed|reviewed|read|performed|requested|"
    r"ordered|referred|transcribed|typed|verified|written|witnessed|accompanied|"
    r"brought in|escorted|"
    r"informed|interpreted|examined|assessed|consented|taken|prepared|checked|"
    r"scribed|operated(?: on)?|found|supervised|assisted|attended|countersigned|"
    r"completed|recorded|"
    r"confirmed|approved|updated|phoned|called|relayed)(?: in clinic| today)? "
    r"(?:by|to)|(?:discussed|spoke|talked|confirmed|shared|agreed|reviewed|went "
    r"over)(?: \w+){0,3} (?:with|by)|spoke(?:n)? (?:to|with)|"
    r"(?:conversation|talked|liaised|agreed?|discussion|meeting|appointment|"
    r"review|signed|seen) with|phoned (?:to|through to)|conveyed to|communicated "
    r"to|handed over to|"
    r"called|contacted|informed|notified|told|paged|telephoned|bleeped|asked|"
    r"met|saw|rang|ring|message(?: taken)? (?:by|for|from)|per|thanks to|under(?: "
    r"the care of)?|care of|"
    r"attention of|on behalf of|to see|reviewed|examined|known to|name(?:d)?|"
    r"called|as|discharged|admitted|transferred|copied to|letter to|advised)) "
    r"(?P<x>)$"
)
KIN = re.compile(
    r"(?:\b(?i:wife|husband|son|daughter|mother|father|mum|mom|dad|brother|sister|"
    r"twin|partner|boyfriend|girlfriend|fianc[ée]e?|niece|nephew|aunt|uncle|"
    r"cousin|"
    r"grandmother|grandfather|grandson|granddaughter|grandma|grandpa|nan|friend|"
    r"neighbou?r|flatmate|roommate|carer|care assistant|caregiver|landlord|employer|"
    r"colleague|"
    r"(?:mother|father|sister|brother|son|daughter)-in-law|stepson|stepdaughter|"
    r"interpreter|nurse|student|midwife|"
    r"receptionist|secretary|registrar|assistant|porter|hca|physio|chaplain|"
    r"wife of|son of|daughter of|mother of|father of|family of|parents? of|baby)),?[ ]\(?(?P<x>)$"
)
FAMILY_ENDING = re.compile(
    r"(?:.{2,}(?:ski|ska|sky|skyy|cki|cka|czyk|wicz|vich|vic|vić|ović|enko|chuk|"
    r"ova|eva|ov|ev|sson|sdottir|dóttir|opoulos|akis|idis|adze|shvili|escu|aru|"
    r"nen|stra|inga|veld|"
    r"appa|amma|murthy|swamy|nathan|rajan|wala|kar|jee|wati|puri|chev|kov|kova|"
    r"yan|ssen|quist|qvist|strom|ström|gaard|dahl|berg|mann|stein|bauer|etti|"
    r"elli|ucci|acci|mbe|kwe|nkwo|unde|moto|mura|naka|yama|guchi)"
    r"|o'.{3,}|mc.{3,}|mac[a-z]{4,}|fitz.{3,})$"
)
BEFORE_DEGREE = re.compile(
    r"^,?[ ]?(?:M\.?D\.?|D\.?O\.?|R\.?N\.?|Ph\.?D\.?|MBBS|MB ?BS|MBChB|FRC[RSP]|"
    r"FRCPath|FRCA|MRC[PS]|FACR|FACS|NP|PA-C|DDS|BSc|RT|SpR|ST\d|SHO|CNS|SpR|"
    r"RGN)\b"
)
DEGREE = re.compile(
    r"MD|DO|RN|PhD|MBBS|MBChB|FRC[RSP]|FRCPath|FRCA|MRC[PS]|FACR|FACS|NP|DDS|"
    r"BSc|SpR|SHO|RGN|GP|PT|OT"
)
PERSON_AFTER = re.compile(
    r"^(?:['’]s (?:wife|husband|son|daughter|mother|father|mum|mom|dad|brother|"
    r"sister|partner|family|carer|niece|nephew|GP)\b"
    r"|,? ?\(?(?i:himself|herself|aged? \d|\d{1,3}[- ]?(?:y\b|yo\b|yrs?\b|years?[- "
    r"]old|year[- ]old|[MF]\b)|a \d{1,3}[- ]year|d\.?o\.?b|nhs|mrn|hosp|whom? "
    r")"
    r"|, (?:his|her|their|the patient['’]s|a|the) (?:\w+ )?(?:wife|husband|son|"
    r"daughter|mother|father|mum|mom|dad|brother|sister|partner|niece|nephew|"
    r"friend|neighbou?r|carer|interpreter|nurse)\b"
    r"|,? \((?:chair|he/him|she/her|they/them|wife|husband|son|daughter|mother|"
    r"father|interpreter|[^)]{0,20}[Nn]urse)"
    r"|,? (?i:says?|said|discharged|awaiting|admitted|transferred|speaks|"
    r"translat(?:es|ed|ing)|interprets|moved|prefers|drives|collected|"
    r"attends|deteriorated|vomited|fell|declines|refuses|needs|requires|"
    r"deteriorates|confirmed|brought|helped|cares for|"
    r"in (?:nuclear|radiology|theatre|clinic|recovery|pharmacy|physio|the lab)|"
    r"injected|assisted|scrubbed|dictated|"
    r"is (?:an? )?(?:\d+|ninety|eighty|seventy|sixty|fifty|forty|thirty|twenty)|"
    r"states?|stated|reports?|reported (?:feeling|that|pain|"
    r"no|some|a)|denie[sd]|complain(?:s|ed)|told|thinks|feels|felt|asks?|asked|"
    r"rang|called|phoned|telephoned|"
    r"attend(?:s|ed)|presented|presents|came|comes|lives|works|smokes|drinks|"
    r"slept|settled|ate|walked|mobilised|tolerated|pulled|refused|declined|consented|"
    r"agree[sd]|wants|wishes|hopes|"
    r"visits|explained|remains|returned|underwent|went|arrived|died|passed away|"
    r"recalls|remembers|can reprogramme|is (?:now|keen|happy|well|worried|"
    r"aware|still|content|our|your|his|her|under)\b|"
    r"was (?:seen|admitted|discharged|born|found|brought|referred|reviewed|told|"
    r"informed|started|given|well|able|last|diagnosed)|has (?:been (?:well|seen|"
    r"admitted|referred|unwell)|had|not had|settled|a (?:cough|history))|"
    r"had (?:a|an|his|her|no)\b|in (?:bed|bay|room)|will (?:attend|see|call|"
    r"ring|bring|need to see)|did not attend|to (?:see|review|attend|call|chase|"
    r"sign|follow)|informed|aware|present|updated|nurse|stoma nurse|has (?:taken|moved|"
    r"brought|asked))\b)"
)
NOT_PERSON_AFTER = re.compile(
    r"^(?:['’]s?)?[ -](?i:disease|syndrome|sign|signs|lymphoma|test|score|scale|"
    r"lines?|catheter|tube|drain|fractures?|criteria|classification|procedure|"
    r"operation|stain|staining|silver|trichrome|red|nodes?|nodules?|"
    r"contracture|palsy|tumou?r|sarcoma|cells?|body|bodies|index|grade|stage|"
    r"type|lesion|deformity|angle|ligament|fascia|fat pad|cyst|cave|pouch|cleft|"
    r"canal|triangle|ring|tubercle|capsule|space|spaces|loop|loops|"
    r"oesophag\w+|esophag\w+|thyroiditis|ophthalmopathy|hernia|repair|mesh|frame|"
    r"splint|screw|stent|valve|graft|flap|incision|phenomenon|disc|disease|chorea|"
    r"dementia|anaemia|anemia|esophagus|gait|"
    r"position|manoeuvre|maneuver|reflex|method|equation|formula|biplane|rule|"
    r"law|effect|unit|units|virus|haemorrhage|granuloma|rods|forms|positive|"
    r"negative|mg|mcg|ml|tablet|inhaler|solution|study|trial|protocol|"
    r"pattern|focus|change|changes|configuration|malformation|network|excrescence|"
    r"diverticul\w+|ileitis|colitis|infection|pneumonia|scan|scanner|contrast|"
    r"stockings?|block|anatomy|artery|vein|nerve|muscle|gland|"
    r"rating|questionnaire|inventory|mean|test|stiffness|needle|forceps|retractor|"
    r"clip|clamp|bag|mask|airway|blade|suture|knot|collar|brace|fixator|nail|"
    r"plate|wire|pin|view|projection|"
    r"levels?|quotient|curve|plot|regression|transform|resection|anastomosis|"
    r"conduit|shunt|window)\b"
    r"|^['’]s?(?=[ ,.;]|$)|^[ ]?\d+(?:\.\d+)?[ ]?(?:mg|mcg|g|ml|%|mm|cm|units?)\b|"
    r"^[ ][0-9IVX]+[a-d]?\b(?!\s*(?:y|year|yo))"
)
NUMBERED = re.compile(
    r"^[ ,(]{1,3}(?:MRN|DOB|NHS|ID|[Hh]osp|[A-Z]{0,3}\d{5,}|\d{3,}-\d{3,}|\d{1,3} ?(?:[Yy]|[MF]\b))"
)
OF_AGE = re.compile(r"^,? (?:is|was) an? \d+[- ]?(?i:y\b|yo\b|years?\b|yrs?\b)")
OF_A_THING = re.compile(
    r"^(?:[ -][A-Z][\w-]+){0,2}[ -](?:like )?(?:syndrome|disease|sign|anomaly|criteria|score)\b"
)
PLACE_AFTER = re.compile(
    r"^(?:['’]s)?[ ](?i:hospital|clinic|infirmary|centre|center|university|college|"
    r"institute|general|medical|ward|unit|house|road|street|avenue|lane|drive|"
    r"park|county|city|school|foundation|trust|pharmacy|surgery|practice|scanner|"
    r"hospice)\b"
)
# Given and family names that are words, months or products: alone they want somebody who acts.
SIGNED = re.compile(
    r"\b(?i:(?:reported|dictated|signed|typed|verified|reviewed|transcribed|"
    r"read|checked|authorised|authorized) by)[:;]?[ ](?P<name>[A-Z]{2,3}|[A-Z]\.[A-Z]\.(?:[A-Z]\.)?)(?=[\s,"
    r".;/]|$)"
)
TOWARDS = re.compile(
    r"\b(?i:with|by|from|to|for|told|and|family of|mother of|father of|parents of|ask|per|via|w/|d/w|but|that|"
    r"because|when|if|whether)[ ]$"
)
# What is taken or used, and no person.
TAKEN = re.compile(
    r"\b(?i:tak(?:es?|ing|en)|on|start(?:ed)?|given|gave|prescribed|continues?|stop(?:ped)?|restart(?:ed)?|iv|oral|"
    r"stress(?:ed)? with|sedat(?:ed|ion) with|premedicat(?:ed|ion) with|infused with|bolus of|flushed with|"
    r"contrast(?: agent| medium)?|radiotracer|tracer|agent|medications?|drugs?|"
    r"switched to|using|used|uses?|inject(?:ed|ion of)?|dose of|course of|tablets?|add(?:ed)?|received|modified|"
    r"applied|dressed with|sutured with|closed with|loaded with|treated with|covered with|scanner|camera|system|"
    r"machine|device|software|model|make)[: ]+$"
)
# What is weighed or found, and no person.
THOUGHT = re.compile(
    r"(?:\b(?i:differentials?|differential diagnos[ie]s|ddx|dx|impression|diagnos[ie]s|fractures?|signs?(?: of)?|"
    r"consider|considering|consistent with|compatible with|suggestive of|suggesting|suspicious for|"
    r"concern(?:ing)? for|rule out|r/o|exclude|possibl[ey]|probabl[ey]|presumed|suspected|versus|vs\.?|variant|"
    r"includes?|"
    r"features of|in keeping with|typical of|favou?rs?|favou?red|likely|known|history of|h/o)"
    r"[: ]+(?:(?:the|a|an) )?(?:[A-Z][\w'’-]+(?:,| or| and| versus| vs\.?|/) ?){0,4})$"
)
HEADS = re.compile(r"^(?: [-–—] |: |,? \((?:bed|bay|room|side|\d))")

_SYLLABLE = (
    r"(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?(?:iang|iong|uang|ang|eng|ing|ong|"
    r"ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un|uo|a|e|i|"
    r"o|u)"
)
_FAMILIES = (
    "Wang|Li|Zhang|Liu|Chen|Yang|Zhao|Huang|Zhou|Wu|Xu|Sun|Hu|Zhu|Gao|Lin|He|"
    "Guo|Ma|Luo|Liang|Song|Zheng|Xie|Han|Tang|Feng|Yu|Dong|Xiao|Cheng|Cao|Yuan|"
    "Deng|"
    "Fu|Shen|Zeng|Peng|Lu|Su|Jiang|Cai|Jia|Ding|Wei|Xue|Ye|Yan|Pan|Du|Dai|Xia|"
    "Zhong|Tian|Ren|Fan|Fang|Shi|Yao|Tan|Liao|Zou|Xiong|Jin|Hao|Kong|Bai|Cui|"
    "Kang|Mao|Qiu|Qin|Gu|Hou|Shao|Meng|"
    "Long|Wan|Duan|Lei|Qian|Yin|Chang|Qiao|Lai|Gong|Ouyang"
)
PINYIN = re.compile(
    rf"(?<![A-Za-z])(?:{_FAMILIES}) (?=[A-Z])(?i:{_SYLLABLE})(?:-?{_SYLLABLE}){{0,"
    rf"2}}(?![A-Za-z])"
)
