using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CareHub.Core.Alarms;

namespace CareHub.Storage.Alarms.Journal;

/// <summary>A person's act as it is kept, <c>{"act":"acknowledge",…}</c>. The words are stored; never rename them.</summary>
internal static class CommandJson
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { NameActs } },
    };

    public static byte[] Write(AlarmCommand command) => JsonSerializer.SerializeToUtf8Bytes(command, Json);

    /// <exception cref="JsonException">It is not what <see cref="Write"/> wrote.</exception>
    public static AlarmCommand Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<AlarmCommand>(json, Json) ?? throw new JsonException("A command is null.");
        }
        catch (NotSupportedException unknown)
        {
            // Without the word that names the act there is no type to read.
            throw new JsonException(unknown.Message, unknown);
        }
    }

    private static void NameActs(JsonTypeInfo type)
    {
        if (type.Type != typeof(AlarmCommand))
        {
            return;
        }

        type.PolymorphismOptions = new() { TypeDiscriminatorPropertyName = "act" };
        foreach (var (act, word) in new (Type, string)[]
        {
            (typeof(AlarmCommand.Acknowledge), "acknowledge"), (typeof(AlarmCommand.Claim), "claim"), (typeof(AlarmCommand.TakeOver), "take_over"),
            (typeof(AlarmCommand.Release), "release"), (typeof(AlarmCommand.Resolve), "resolve"), (typeof(AlarmCommand.AddNote), "note"),
            (typeof(AlarmCommand.Silence), "silence"), (typeof(AlarmCommand.Seen), "seen"), (typeof(AlarmCommand.Dispatch), "dispatch"),
            (typeof(AlarmCommand.Progress), "progress"), (typeof(AlarmCommand.HandOver), "hand_over"), (typeof(AlarmCommand.Shelve), "shelve"),
            (typeof(AlarmCommand.Unshelve), "unshelve"), (typeof(AlarmCommand.BeginMaintenance), "begin_maintenance"),
            (typeof(AlarmCommand.EndMaintenance), "end_maintenance"), (typeof(AlarmCommand.Notified), "notified"),
            (typeof(AlarmCommand.BeginOutage), "begin_outage"), (typeof(AlarmCommand.EndOutage), "end_outage"),
            (typeof(AlarmCommand.ChangeRules), "change_rules"), (typeof(AlarmCommand.FindDeskEmpty), "find_desk_empty"),
        })
        {
            type.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(act, word));
        }
    }
}
