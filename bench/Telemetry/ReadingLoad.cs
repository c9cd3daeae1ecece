using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using CareHub.Bench.Load;
using CareHub.Bench.Pipeline;

namespace CareHub.Bench.Telemetry;

/// <summary>Readings as they come: one value to a message of about 100 bytes with the device's time, QoS 1, a window of ten for each of 200 connections.</summary>
internal static class ReadingLoad
{
    private const int Window = 10;

    /// <summary>Until the runtime has compiled what runs often; the same for both sides.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);

    public static Task<Figure> RunAsync(Subject subject, (string, string)? credentials, TimeSpan duration, TimeSpan? warmUp = null) =>
        WindowLoad.RunAsync(subject, credentials, Window, warmUp ?? WarmUp, duration, connection => new Source(connection).Next);

    /// <summary>The readings of one connection's devices, in turn.</summary>
    private sealed class Source
    {
        private readonly byte[][] _packets;
        private readonly ArrayBufferWriter<byte> _out = new();
        private readonly int _timeAt;
        private readonly int _idAt;
        private int _count;

        public Source(int connection)
        {
            const string Time = "2026-01-01T00:00:00.000Z";
            _packets = [.. Enumerable.Range(0, HubUnderLoad.DevicesPerConnection).Select(device =>
            {
                var topic = Encoding.ASCII.GetBytes($"care/v1/d{(connection * HubUnderLoad.DevicesPerConnection) + device:00000}/reading");
                var payload = Encoding.ASCII.GetBytes($$$"""{"at":"{{{Time}}}","values":{"heart_rate":{{{60 + (device % 40)}}}}}""");
                byte[] body = [(byte)(topic.Length >> 8), (byte)topic.Length, .. topic, 0, 0, .. payload];
                return (byte[])[0x32, (byte)body.Length, .. body];
            })];
            _idAt = 2 + 2 + "care/v1/d00000/reading".Length;
            _timeAt = _idAt + 2 + "{\"at\":\"".Length;
        }

        public ReadOnlyMemory<byte> Next(int readings)
        {
            _out.Clear();
            var now = DateTime.UtcNow;
            for (var i = 0; i < readings; i++, _count++)
            {
                var packet = _packets[_count % _packets.Length];
                now.TryFormat(packet.AsSpan(_timeAt), out _, "yyyy-MM-ddTHH:mm:ss.fffZ");
                BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(_idAt), (ushort)((_count % 65_535) + 1));
                _out.Write(packet);
            }

            return _out.WrittenMemory;
        }
    }
}
