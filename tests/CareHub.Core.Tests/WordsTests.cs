using CareHub.Core.Signals;

namespace CareHub.Core.Tests;

public sealed class WordsTests
{
    [Fact]
    public void The_words_of_signals_are_those_of_the_design() => Assert.Equal(
        [
            "fall", "button", "smoke", "heat", "co", "gas", "water", "bed_exit", "door", "inactivity", "wander", "vital", "tamper", "fault",
            "low_battery", "test", "cancel", "restore", "offline", "online", "flapping", "outage",
        ],
        Words<SignalKind>.All);

    [Theory]
    [InlineData("Fall")]
    [InlineData("2")]
    [InlineData("")]
    [InlineData("bedexit")]
    public void Anything_else_is_not_a_word(string word) => Assert.False(Words<SignalKind>.TryParse(word, out _));
}
