using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using CareHub.Bench.Load;

namespace CareHub.Bench.Pipeline;

/// <summary>
/// Signals as they come: of ten, one opens an alarm, four repeat it, one ends it, four are tests. Each has the device's time, a
/// ULID of that time, and about 100 bytes. QoS 1, a window of ten for each connection.
/// </summary>
internal static class SignalLoad
{
    private const int Window = 10;

    /// <summary>Until the runtime has compiled what runs often; the same for both sides.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(12);

    /// <summary>Devices that set their clocks by NTP are so far apart: their ids do not arrive in the order of their times.</summary>
    private const int ClocksApartMs = 40;

    private const string UlidAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private static readonly string[] Words = ["low_battery", "low_battery", "test", "low_battery", "test", "low_battery", "test", "low_battery", "restore", "test"];

    public static Task<Figure> RunAsync(Subject subject, (string, string)? credentials, TimeSpan duration) =>
        WindowLoad.RunAsync(subject, credentials, Window, WarmUp, duration, connection => new Source(connection).Next);

    /// <summary>The signals of one connection's devices, in turn.</summary>
    private sealed class Source(int connection)
    {
        private readonly ArrayBufferWriter<byte> _out = new();
        private int _count;

        public ReadOnlyMemory<byte> Next(int signals)
        {
            _out.Clear();
            Span<byte> number = stackalloc byte[2];
            for (var i = 0; i < signals; i++)
            {
                var device = (connection * HubUnderLoad.DevicesPerConnection) + (_count % HubUnderLoad.DevicesPerConnection);
                var turn = _count / HubUnderLoad.DevicesPerConnection;
                var topic = Encoding.ASCII.GetBytes($"care/v1/d{device:00000}/signal");
                var at = DateTimeOffset.UtcNow.AddMilliseconds((device % ClocksApartMs) - (ClocksApartMs / 2));
                var payload = Encoding.ASCII.GetBytes($$"""{"id":"{{UlidOf(at)}}","type":"{{Words[turn % Words.Length]}}","at":"{{at:yyyy-MM-ddTHH:mm:ss.fffZ}}"}""");
                var id = (ushort)((_count % 65_535) + 1);
                var body = 2 + topic.Length + 2 + payload.Length;
                _out.Write<byte>([0x32, (byte)(body | 0x80), (byte)(body >> 7)]);
                BinaryPrimitives.WriteUInt16BigEndian(number, (ushort)topic.Length);
                _out.Write(number);
                _out.Write(topic);
                BinaryPrimitives.WriteUInt16BigEndian(number, id);
                _out.Write(number);
                _out.Write(payload);
                _count++;
            }

            return _out.WrittenMemory;
        }

        private static string UlidOf(DateTimeOffset at)
        {
            Span<char> id = stackalloc char[26];
            Random.Shared.GetItems(UlidAlphabet, id[10..]);
            var rest = at.ToUnixTimeMilliseconds();
            for (var i = 9; i >= 0; i--, rest >>= 5)
            {
                id[i] = UlidAlphabet[(int)(rest & 31)];
            }

            return new string(id);
        }
    }
}
