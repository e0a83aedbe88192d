"""What it takes and what it answers."""

from rest_framework import serializers

from benchmarks.usual.models import Conversion, Transaction


class AmountRequest(serializers.Serializer):
    currency = serializers.CharField(max_length=3)
    amount = serializers.DecimalField(max_digits=28, decimal_places=2, min_value=0)


class TransferRequest(AmountRequest):
    to_user_id = serializers.IntegerField()


class ConvertRequest(serializers.Serializer):
    from_currency = serializers.CharField(max_length=3)
    to_currency = serializers.CharField(max_length=3)
    amount = serializers.DecimalField(max_digits=28, decimal_places=2, min_value=0)


class ConversionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Conversion
        fields = [
            *("from_currency", "to_currency", "from_amount", "to_amount"),
            *("mid_rate", "spread_amount"),
        ]


class TransactionSerializer(serializers.ModelSerializer):
    conversion = ConversionSerializer(required=False)

    class Meta:
        model = Transaction
        fields = ["id", "type", "owner", "reference", "recorded_at", "conversion"]
