namespace CareHub.Mqtt.Codec;

/// <summary>Variable byte integer, MQTT 5.0 §1.5.5: seven bits a byte, least significant first.</summary>
internal static class VariableByteInteger
{
    public const uint Max = 268_435_455;

    public static int SizeOf(uint value) => value switch
    {
        < 1u << 7 => 1,
        < 1u << 14 => 2,
        < 1u << 21 => 3,
        _ => 4,
    };

    /// <summary>Writes the shortest encoding [MQTT-1.5.5-1]; returns its length.</summary>
    public static int Write(Span<byte> destination, uint value)
    {
        var i = 0;
        while (value >= 0x80)
        {
            destination[i++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[i++] = (byte)value;
        return i;
    }

    /// <summary>
    /// Reads a value. Returns the bytes used; 0 when more bytes are needed; -1 when the fourth byte still says
    /// that more follow. An encoding longer than needed is read as well: 3.1.1 has no rule against one in a fixed header,
    /// and small devices write one of fixed length.
    /// </summary>
    public static int Read(ReadOnlySpan<byte> source, out uint value)
    {
        value = 0;
        for (var i = 0; i < 4; i++)
        {
            if (i == source.Length)
            {
                return 0;
            }

            var b = source[i];
            value |= (uint)(b & 0x7F) << (7 * i);
            if (b < 0x80)
            {
                return i + 1;
            }
        }

        return -1;
    }
}
