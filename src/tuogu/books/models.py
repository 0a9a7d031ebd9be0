"""Tables of the books. Private to this room: others use `actions` and `queries`.

Personal fields (class C2) are ciphertext (`*_sealed`) with keyed hashes beside them for exact look-ups; there is no
search on parts of a value. `PERSONAL` files every field of every model, and a test fails for a field that is missing.
"""

from __future__ import annotations

from django.db import models

PERSONAL = {  # model -> {field: class}; C2 personal, C1 business, C0 technical
    "ImportRun": {
        "id": "C0", "content_digest": "C0", "file_name": "C1", "data_date": "C1", "coverage": "C1", "counts": "C1",
        "sheets": "C1", "batches": "C0", "by": "C1", "recorded_at": "C1", "reverted_at": "C1",
    },
    "ImportRevert": {
        "id": "C0", "import_run": "C0", "state": "C1", "reason": "C1", "asked_by": "C1", "asked_at": "C1",
        "decided_by": "C1", "decided_at": "C1", "outcome": "C1",
    },
    "Customer": {
        "id": "C0", "number": "C1", "name_sealed": "C2", "name_hash": "C2", "sex": "C1", "birth_date": "C2",
        "id_type": "C1", "id_sealed": "C2", "id_hash": "C2", "id_tail_hash": "C2", "phone_sealed": "C2",
        "phone_hash": "C2", "phone_tail_hash": "C2", "address_sealed": "C2", "employer_sealed": "C2",
        "info_accurate": "C1", "complaint": "C1", "misconduct": "C1", "contactable": "C1", "contact_attempts": "C1",
        "community_code": "C1", "code_status": "C1", "code_reason": "C1", "code_confidence": "C1",
        "code_candidates": "C1", "data_date": "C1", "import_run": "C0",
    },
    "ErasedCustomer": {
        "id": "C0", "customer_number": "C1", "document_hash": "C2", "by": "C1", "erased_at": "C1", "returned_at": "C1",
    },
    "Policy": {
        "subject": "C0", "number": "C1", "product_name": "C1", "product_type": "C1", "protection": "C1",
        "premium_mode": "C1", "payments_per_year": "C1", "premium_fen": "C1", "sum_insured_fen": "C1",
        "payment_term_years": "C1", "inception_date": "C1", "end_date": "C1", "state": "C1", "lapse_date": "C1",
        "holder_number": "C1", "insured_number": "C1", "agent_number": "C1", "institution_code": "C1",
        "source": "C1", "components": "C1", "data_date": "C1", "import_run": "C0",
    },
    "Rider": {
        "id": "C0", "number": "C1", "main_policy_number": "C1", "product_name": "C1", "product_type": "C1",
        "protection": "C1", "premium_mode": "C1", "payments_per_year": "C1", "premium_fen": "C1",
        "sum_insured_fen": "C1", "payment_term_years": "C1", "inception_date": "C1", "end_date": "C1", "state": "C1",
        "lapse_date": "C1", "holder_number": "C1", "insured_number": "C1", "agent_number": "C1",
        "institution_code": "C1", "source": "C1", "components": "C1", "data_date": "C1", "import_run": "C0",
    },
    "Reject": {
        "id": "C0", "import_run": "C0", "sheet": "C1", "row": "C1", "header": "C1", "reason": "C1", "detail": "C1",
    },
    "MissingFromFull": {"id": "C0", "import_run": "C0", "kind": "C1", "number": "C1"},
    "Coordinate": {
        "region_code": "C1", "longitude": "C1", "latitude": "C1", "datum": "C1", "source": "C1", "import_run": "C0",
    },
    "DisplayCode": {"community_code": "C1", "display_code": "C1", "code_book_version": "C1"},
    "StaffHome": {
        "person": "C1", "community_code": "C1", "code_status": "C1", "code_reason": "C1", "code_confidence": "C1",
        "data_date": "C1", "import_run": "C0",
    },
    "ListedPolicy": {
        "subject": "C0", "number": "C1", "tail": "C1", "product_name": "C1", "state": "C1", "live": "C1",
        "premium_fen": "C1", "payments_per_year": "C1", "payment_term_years": "C1", "yearly_premium_fen": "C1",
        "institution_code": "C1", "agent_number": "C1", "holder_number": "C1", "insured_number": "C1",
        "orphan": "C1", "orphan_type": "C1", "orphan_source": "C1", "nature": "C1", "service_class": "C1",
        "route": "C1", "community_code": "C1", "street_code": "C1", "district_code": "C1", "display_code": "C1",
        "inception_date": "C1", "lapse_date": "C1", "next_due_date": "C1", "data_date": "C1", "counts_holder": "C1",
    },
    "ListedCustomer": {
        "number": "C1", "policies_live": "C1", "policies_all": "C1", "insured_in": "C1", "yearly_premium_fen": "C1",
        "next_due_date": "C1", "orphan": "C1", "complaint": "C1", "community_code": "C1", "street_code": "C1",
        "district_code": "C1", "institution_code": "C1",
    },
    "ListedSum": {
        "id": "C0", "institution_code": "C1", "state": "C1", "live": "C1", "orphan": "C1", "orphan_type": "C1",
        "service_class": "C1", "route": "C1", "street_code": "C1", "policies": "C1", "yearly_premium_fen": "C1",
        "households": "C1",
    },
    "ListedCommunity": {
        "community_code": "C1", "community": "C1", "street_code": "C1", "street": "C1", "district_code": "C1",
        "district": "C1", "city": "C1", "display_code": "C1",
    },
}  # fmt: skip


class ImportRun(models.Model):
    """One accepted file. The digest of its content makes importing it again, in any row order, change nothing; after a
    revert it may be imported again."""

    content_digest = models.CharField(max_length=64)
    file_name = models.CharField(max_length=255)
    data_date = models.DateField()
    coverage = models.CharField(max_length=8, choices=[("full", "全量"), ("partial", "增量")])
    counts = models.JSONField()
    sheets = models.JSONField(
        default=list
    )  # rows of COUNTS: read = accepted + rejected + skipped, of each sheet
    batches = models.JSONField(
        default=list
    )  # ids of the ledger's batches that it posted; the first opened custody
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    reverted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="books_import_once",
                fields=["content_digest"],
                condition=models.Q(reverted_at__isnull=True),
            )
        ]


class ImportRevert(models.Model):
    """A wish to take an import back, and what a second person decided."""

    class State(models.TextChoices):
        ASKED = "asked", "待复核"
        DONE = "done", "已撤回"
        DECLINED = "declined", "未同意"

    import_run = models.ForeignKey(ImportRun, models.PROTECT, related_name="reverts")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    reason = models.TextField()
    asked_by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=dict)  # counts of what was taken back and what stayed

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="books_revert_open_once", fields=["import_run"], condition=models.Q(state="asked")
            ),
            models.CheckConstraint(
                name="books_revert_second_person",
                condition=~models.Q(state="done")
                | (models.Q(decided_by__isnull=False) & ~models.Q(decided_by=models.F("asked_by"))),
            ),
        ]


class Customer(models.Model):
    """A policyholder or insured, by the branch's customer number."""

    number = models.CharField(max_length=64, unique=True)
    name_sealed = models.BinaryField(null=True)
    name_hash = models.BinaryField(null=True)
    sex = models.CharField(max_length=1, null=True)
    birth_date = models.DateField(null=True)
    id_type = models.CharField(max_length=16, null=True)
    id_sealed = models.BinaryField(null=True)
    id_hash = models.BinaryField(null=True)
    id_tail_hash = models.BinaryField(null=True)
    phone_sealed = models.BinaryField(null=True)
    phone_hash = models.BinaryField(null=True)
    phone_tail_hash = models.BinaryField(null=True)
    address_sealed = models.BinaryField(null=True)
    employer_sealed = models.BinaryField(null=True)
    info_accurate = models.BooleanField(null=True)
    complaint = models.BooleanField(null=True)
    misconduct = models.BooleanField(null=True)
    contactable = models.BooleanField(null=True)
    contact_attempts = models.BigIntegerField(null=True)
    community_code = models.CharField(max_length=12, null=True)
    code_status = models.CharField(max_length=8, choices=[("coded", "已编码"), ("manual", "待人工编码")])
    code_reason = models.CharField(max_length=32, null=True)
    code_confidence = models.FloatField(null=True)
    code_candidates = models.TextField(null=True)
    data_date = models.DateField()
    import_run = models.ForeignKey(ImportRun, models.PROTECT)

    class Meta:
        indexes = [
            models.Index(fields=["name_hash"]),
            models.Index(fields=["id_hash"]),
            models.Index(fields=["phone_hash"]),
            models.Index(fields=["community_code"]),
        ]


class ErasedCustomer(models.Model):
    """The tombstone of a customer whose personal data was erased: by number and by a keyed hash of the document."""

    customer_number = models.TextField(db_index=True)
    document_hash = models.BinaryField(null=True)
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    erased_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True)  # a living contract brought the person back

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="books_erased_once",
                fields=["customer_number"],
                condition=models.Q(returned_at__isnull=True),
            )
        ]


class Contract(models.Model):
    """What a main policy and a rider have in common."""

    product_name = models.CharField(max_length=255, null=True)
    product_type = models.CharField(max_length=16, null=True)
    protection = models.BooleanField(null=True)
    premium_mode = models.CharField(max_length=8, null=True)
    payments_per_year = models.BigIntegerField(null=True)
    premium_fen = models.BigIntegerField(null=True)
    sum_insured_fen = models.BigIntegerField(null=True)
    payment_term_years = models.BigIntegerField(null=True)
    inception_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    state = models.CharField(max_length=12)
    lapse_date = models.DateField(null=True)
    holder_number = models.CharField(max_length=64)
    insured_number = models.CharField(max_length=64, null=True)
    agent_number = models.CharField(max_length=64, null=True)
    institution_code = models.CharField(max_length=64, null=True)
    source = models.CharField(max_length=20, null=True)
    components = models.CharField(max_length=20, null=True)
    data_date = models.DateField()
    import_run = models.ForeignKey(ImportRun, models.PROTECT)

    class Meta:
        abstract = True


class Policy(Contract):
    """A main policy: the subject of custody."""

    subject = models.OneToOneField("ledger.Subject", models.PROTECT, primary_key=True, related_name="+")
    number = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["holder_number"]),
            models.Index(fields=["agent_number"]),
            models.Index(
                fields=["insured_number"], name="books_policy_insured"
            ),  # whose policies, as holder or insured
        ]


class Rider(Contract):
    """A rider: its custody is its main policy's."""

    number = models.CharField(max_length=64, unique=True)
    main_policy_number = models.CharField(max_length=64, db_index=True)


class Reject(models.Model):
    """One reason why one row of a file was not accepted."""

    import_run = models.ForeignKey(ImportRun, models.PROTECT)
    sheet = models.CharField(max_length=64)
    row = models.BigIntegerField()
    header = models.CharField(max_length=255, null=True)  # as written in the file; null = the whole row
    reason = models.CharField(max_length=32)
    detail = models.TextField(null=True)


class MissingFromFull(models.Model):
    """A stored row that a full file did not hold: somebody looks at it; it never closes by itself."""

    import_run = models.ForeignKey(ImportRun, models.PROTECT)
    kind = models.CharField(max_length=10)
    number = models.CharField(max_length=64)


class Coordinate(models.Model):
    """An imported position of a community, in its own datum."""

    region_code = models.CharField(max_length=12, primary_key=True)
    longitude = models.FloatField()
    latitude = models.FloatField()
    datum = models.CharField(max_length=8)
    source = models.CharField(max_length=32)
    import_run = models.ForeignKey(ImportRun, models.PROTECT)


class DisplayCode(models.Model):
    """The eight-digit display code of a community: given once, never changed, never reused."""

    community_code = models.CharField(max_length=12, primary_key=True)
    display_code = models.CharField(max_length=8, unique=True)
    code_book_version = models.CharField(max_length=16)


class StaffHome(models.Model):
    """Where somebody on the staff lives, to the community, as the newest import located it. Never the address."""

    person = models.OneToOneField("org.Custodian", models.PROTECT, primary_key=True, related_name="+")
    community_code = models.CharField(max_length=12, null=True)
    code_status = models.CharField(max_length=8, choices=[("coded", "已编码"), ("manual", "待人工编码")])
    code_reason = models.CharField(max_length=32, null=True)
    code_confidence = models.FloatField(null=True)
    data_date = models.DateField()
    import_run = models.ForeignKey(ImportRun, models.PROTECT)


class ListedCommunity(models.Model):
    """Derived: a community by name, as lists show it; from the code book and the display codes."""

    community_code = models.CharField(max_length=12, primary_key=True)
    community = models.CharField(max_length=64)
    street_code = models.CharField(max_length=12)
    street = models.CharField(max_length=64)
    district_code = models.CharField(max_length=12)
    district = models.CharField(max_length=64)
    city = models.CharField(max_length=64)
    display_code = models.CharField(max_length=8, null=True)


class ListedPolicy(models.Model):
    """Derived: what lists filter, sort and show of a main policy. Never its custodian: that is the ledger's.

    `next_due_date` is the first due day of a policy in force on or after the first of the month of the day it was
    derived on; NEVER_DUE where nothing falls due, so that lists sort and page on one index.
    """

    subject = models.OneToOneField("ledger.Subject", models.PROTECT, primary_key=True, related_name="listed")
    number = models.CharField(max_length=64, unique=True)
    tail = models.CharField(max_length=4, db_index=True)  # last four characters of the number
    product_name = models.CharField(max_length=255, null=True)
    state = models.CharField(max_length=12)
    live = models.BooleanField()
    premium_fen = models.BigIntegerField(null=True)
    payments_per_year = models.BigIntegerField(null=True)
    payment_term_years = models.BigIntegerField(null=True)
    yearly_premium_fen = models.BigIntegerField()  # 0 for a single premium
    institution_code = models.CharField(max_length=64, null=True)
    agent_number = models.CharField(max_length=64, null=True)
    holder_number = models.CharField(max_length=64, db_index=True)
    insured_number = models.CharField(max_length=64, null=True, db_index=True)
    orphan = models.BooleanField()
    orphan_type = models.CharField(max_length=12, null=True)
    orphan_source = models.CharField(max_length=20, null=True)
    nature = models.CharField(max_length=10)
    service_class = models.CharField(max_length=10)
    route = models.CharField(max_length=16)
    community_code = models.CharField(max_length=12, null=True)  # null: the address waits for a person
    street_code = models.CharField(max_length=12, null=True)
    district_code = models.CharField(max_length=12, null=True)
    display_code = models.CharField(max_length=8, null=True)
    inception_date = models.DateField(null=True)
    lapse_date = models.DateField(null=True)
    next_due_date = models.DateField()
    data_date = models.DateField()
    counts_holder = models.BooleanField(default=False)  # the holder's first live policy: one a household

    class Meta:
        indexes = [
            models.Index(fields=["live", "next_due_date", "subject"], name="books_listed_due"),
            models.Index(fields=["live", "yearly_premium_fen", "subject"], name="books_listed_premium"),
            models.Index(fields=["live", "street_code", "next_due_date"], name="books_listed_street"),
            models.Index(fields=["display_code"], name="books_listed_display"),
            models.Index(  # orphans are what people count: households of a type, those that a pool holds
                fields=["live", "orphan", "orphan_type", "holder_number", "subject"],
                name="books_listed_orphan",
            ),
        ]


class ListedSum(models.Model):
    """Derived: how many policies, and their yearly premium, of each kind of ListedPolicy ('' = none)."""

    institution_code = models.CharField(max_length=64)
    state = models.CharField(max_length=12)
    live = models.BooleanField()
    orphan = models.BooleanField()
    orphan_type = models.CharField(max_length=12)
    service_class = models.CharField(max_length=10)
    route = models.CharField(max_length=16)
    street_code = models.CharField(max_length=12)
    policies = models.BigIntegerField()
    yearly_premium_fen = models.BigIntegerField()
    households = models.BigIntegerField(
        default=0
    )  # adds up over everything only: a holder counts in one line

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "institution_code", "state", "live", "orphan", "orphan_type", "service_class", "route",
                    "street_code",
                ],
                name="books_listed_sum_once",
            )
        ]  # fmt: skip


class ListedCustomer(models.Model):
    """Derived: one row a customer who holds a main policy or is insured by one, as lists filter and sort it.

    Counts and premium are over everything stored: what a page shows of them is counted anew within the viewer's scope.
    Never a custodian: that is the ledger's.
    """

    number = models.CharField(max_length=64, primary_key=True)
    policies_live = models.IntegerField()  # held
    policies_all = models.IntegerField()  # held
    insured_in = models.IntegerField()  # live policies of others that insure the customer
    yearly_premium_fen = models.BigIntegerField()  # of the live policies held
    next_due_date = (
        models.DateField()
    )  # of the policies held that are in force; NEVER_DUE where nothing falls due
    orphan = models.BooleanField()  # holds a live orphan policy
    complaint = models.BooleanField()
    community_code = models.CharField(max_length=12, null=True)  # of the own address
    street_code = models.CharField(max_length=12, null=True)
    district_code = models.CharField(max_length=12, null=True)
    institution_code = models.CharField(
        max_length=64
    )  # that manages all policies held; '' = none, or several do

    class Meta:
        indexes = [
            models.Index(fields=["next_due_date", "number"], name="books_customer_due"),
            models.Index(fields=["yearly_premium_fen", "number"], name="books_customer_premium"),
            models.Index(fields=["policies_live", "number"], name="books_customer_policies"),
            models.Index(fields=["street_code", "next_due_date", "number"], name="books_customer_street"),
        ]
